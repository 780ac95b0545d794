"""Forecasts of shares of GDP: a distribution, back-tested against what anyone could have used instead."""
