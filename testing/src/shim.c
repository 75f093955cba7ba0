/* Faults of disk and clock, preloaded between the program and the C library.
 *
 * A test steers them while the program runs, by writing to the file that FAULTS_CONTROL names: its fields are those of
 * `struct faults`, and the Rust side of it is shim.rs. Only the database's files are touched. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000

struct faults {
    _Atomic int64_t no_space;        /* 1: writes of the database find the disk full, 2: those of the search do */
    _Atomic int64_t failing_syncs;   /* so many of the next syncs fail, and lose what they should have kept */
    _Atomic int64_t sync_takes_us;   /* every sync takes so much longer */
    _Atomic int64_t syncs;           /* counts those that succeeded */
    _Atomic int64_t clock_ahead_us;  /* the wall clock is so far ahead */
    _Atomic int64_t clock_stands_at; /* not 0: the wall clock stands at this time, in microseconds since the epoch */
};

static struct faults *faults;

/* What was written to the write-ahead log since its last sync: from one byte to before another. One writer at a time. */
static off_t unsynced_from, unsynced_to;

__attribute__((constructor)) static void begin(void) {
    const char *control = getenv("FAULTS_CONTROL");
    int fd = control ? open(control, O_RDWR) : -1;
    void *shared = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) {
        abort();
    }
    close(fd);
    faults = shared;
}

/* Whether a file's path has `part` in it. */
static int is(int fd, const char *part) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return strstr(path, part) != NULL;
}

static int is_database(int fd) { return is(fd, "/fiftynine.db"); }
static int is_log(int fd) { return is(fd, "/fiftynine.db-wal"); }

static int is_full(int fd) {
    if (!faults || !faults->no_space || !(faults->no_space == 1 ? is_database(fd) : is(fd, "/search/"))) {
        return 0;
    }
    errno = ENOSPC;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    return is_full(fd) ? -1 : syscall(SYS_write, fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    if (is_full(fd)) {
        return -1;
    }
    if (is_log(fd)) {
        int first = unsynced_from == unsynced_to;
        unsynced_from = first || at < unsynced_from ? at : unsynced_from;
        unsynced_to = first || at + (off_t)count > unsynced_to ? at + (off_t)count : unsynced_to;
    }
    return syscall(SYS_pwrite64, fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) __attribute__((alias("pwrite64")));

int ftruncate64(int fd, off64_t length) { return is_full(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, length); }

int ftruncate(int fd, off_t length) __attribute__((alias("ftruncate64")));

int fallocate64(int fd, int mode, off64_t at, off64_t count) {
    return is_full(fd) ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, count);
}

int fallocate(int fd, int mode, off_t at, off_t count) __attribute__((alias("fallocate64")));

/* What a kernel may do to pages that it could not write. */
static void lose_what_was_not_synced(int fd) {
    static const char zeros[4096];
    for (off_t at = unsynced_from; at < unsynced_to; at += (off_t)sizeof zeros) {
        off_t rest = unsynced_to - at;
        syscall(SYS_pwrite64, fd, zeros, rest < (off_t)sizeof zeros ? rest : (off_t)sizeof zeros, at);
    }
}

static int sync_with(long call, int fd) {
    if (!faults || !is_database(fd)) {
        return (int)syscall(call, fd);
    }
    if (faults->sync_takes_us) {
        usleep((useconds_t)faults->sync_takes_us);
    }
    int fails = faults->failing_syncs > 0;
    if (fails) {
        faults->failing_syncs--;
    }
    if (is_log(fd)) {
        if (fails) {
            lose_what_was_not_synced(fd);
        }
        unsynced_from = unsynced_to = 0;
    }
    if (fails) {
        errno = EIO;
        return -1;
    }
    int done = (int)syscall(call, fd);
    faults->syncs += done == 0;
    return done;
}

int fsync(int fd) { return sync_with(SYS_fsync, fd); }

int fdatasync(int fd) { return sync_with(SYS_fdatasync, fd); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (done != 0 || clock != CLOCK_REALTIME || !faults) {
        return done;
    }
    int64_t stands_at = faults->clock_stands_at;
    int64_t us = stands_at ? stands_at : now->tv_sec * (int64_t)SECOND + now->tv_nsec / 1000 + faults->clock_ahead_us;
    now->tv_sec = us / SECOND;
    now->tv_nsec = us % SECOND * 1000;
    return 0;
}
