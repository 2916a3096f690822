"""The work lists over the API: what each user sees and may do, and each refusal with its code."""
