"""Programs of other people that read the credentials file, run against a fake S3 that checks who signed."""
