"""Files of views over HTTP: uploads, buckets, downloads."""
