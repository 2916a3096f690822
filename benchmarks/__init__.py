"""How quick Screenpop is, as ratios to a floor and to others, in one run."""
