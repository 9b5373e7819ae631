"""How sure a figure is: intervals, paired tests, correction for the verifier's own error, calibration, risk.

Inside, an undefined figure is `nan`; in an Estimate, which is what gets written, it is None. Every interval is a
95 % one.
"""
