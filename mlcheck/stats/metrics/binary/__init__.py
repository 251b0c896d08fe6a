"""Two classes: counts at a threshold, ranking by the score, quality of the probabilities."""
