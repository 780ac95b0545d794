"""The gap: what the Alliance's contingencies require, what is available, what is short, what multiplies force."""
