/* A disk whose flush takes a while: every fsync and fdatasync of the program it is preloaded into takes at least
   SLOWDISK_US microseconds longer (default 2000). With SLOWDISK_REPORT=1 the number of flushes goes to stderr at exit. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static long delay_us = 2000;
static int report;
static atomic_long flushes;

__attribute__((constructor)) static void start(void)
{
    const char *value = getenv("SLOWDISK_US");
    if (value && *value) delay_us = strtol(value, NULL, 10);
    value = getenv("SLOWDISK_REPORT");
    report = value && *value == '1';
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
}

__attribute__((destructor)) static void stop(void)
{
    if (report && flushes) fprintf(stderr, "slowdisk: %ld flushes, %ld us each\n", (long)flushes, delay_us);
}

static void wait_for_the_disk(void)
{
    int kept = errno;
    struct timespec left = { delay_us / 1000000, (delay_us % 1000000) * 1000 };
    flushes++;
    while (nanosleep(&left, &left) != 0 && errno == EINTR) { }
    errno = kept;
}

int fsync(int fd)
{
    int result = real_fsync(fd);
    wait_for_the_disk();
    return result;
}

int fdatasync(int fd)
{
    int result = real_fdatasync(fd);
    wait_for_the_disk();
    return result;
}
