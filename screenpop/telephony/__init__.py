"""What every phone world shares: identifiers and numbers. Pure: values in, values out."""
