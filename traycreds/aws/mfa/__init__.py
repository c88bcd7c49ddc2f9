"""MFA codes and the MFA sessions they open: where a code comes from, how long it serves. Never calls AssumeRole."""
