#!/bin/sh
# For a root without Asterisk: "asterisk -rx 'manager reload'" starts a PBX that gives the lists
# of setup, with the secret of the files that were copied to /etc/asterisk.
[ "$1 $2" = "-rx manager reload" ] || exit 0
nc -z 127.0.0.1 5038 && exit 0
cd /root/screenpop
nohup /opt/screenpop/bin/python -m tests.install.listing_server > /var/log/asterisk.log 2>&1 &
for attempt in $(seq 100); do
    grep -q listening /var/log/asterisk.log && exit 0
    sleep 0.2
done
cat /var/log/asterisk.log
exit 1
