"""How fast the burden shifts: safe drawdowns, exposure, half by 2030, command posts, trust, the bargain."""
