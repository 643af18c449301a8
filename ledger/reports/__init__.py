"""The reports: nouns, each one idea, with its COLUMNS and a DataFrame."""
