# Boots the system in the folder $1 with its own systemd, apart from this machine: own processes, mounts, network and
# control groups. Stays in the foreground; when it is killed, so is everything in it.
set -e
if [ -z "$2" ]; then
    # A control group to be seen as the root, or the two systemds would fight for one tree.
    if [ -d /sys/fs/cgroup/systemd ]; then group=/sys/fs/cgroup/systemd/eyeline-dist-test; else group=/sys/fs/cgroup/eyeline-dist-test; fi
    mkdir -p $group
    echo $$ > $group/cgroup.procs
    exec unshare --pid --mount --uts --ipc --net --cgroup --fork --kill-child=KILL sh "$0" "$1" inside
fi
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --rbind /sys sys
if [ -d /sys/fs/cgroup/systemd ]; then
    mount -t tmpfs tmpfs sys/fs/cgroup
    mkdir sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
else
    mount -t cgroup2 cgroup2 sys/fs/cgroup
fi
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount --rbind /dev dev
# A root that is no mount of its own would not do: services with a file system of their own could not be started.
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=test PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --system --unit=multi-user.target
