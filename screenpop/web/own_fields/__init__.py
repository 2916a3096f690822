"""Pages, forms and API of the fields that an office makes itself, and of optional form fields."""
