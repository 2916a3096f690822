"""Lists of customers, in and out of files. Values only: the store writes them."""
