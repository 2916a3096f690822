"""What Asterisk says on AMI, and what it means. Pure: bytes and values in, values out."""
