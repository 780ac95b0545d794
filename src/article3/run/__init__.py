"""Runs: the main job, its folder, explanations, comparisons; one function for each question."""
