"""Tells an application from outside, from cron say, how full the disk is; `workers.py` shows it. As a line of a crontab:

    */5 * * * *  LONA_SYNC_BROKER=redis://localhost /srv/venv/bin/python /srv/examples/publish.py

When Redis is away, it says so on stderr after five seconds, and cron sends that by mail.
"""

import shutil
import socket
from datetime import timedelta

from lona_sync.channels import connect

host, usage = socket.gethostname(), shutil.disk_usage('/')

with connect() as link:        # to the LONA_SYNC_BROKER of the environment
    # Whoever gets it later than the next one is sent, gets the next one.
    link.send(f'disk.{host}', {'host': host, 'percent': round(100 * usage.used / usage.total)}, timedelta(minutes=5))
