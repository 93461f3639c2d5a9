using System.Runtime.InteropServices;

namespace OpsConsole.Platform.Hosting;

/// <summary>For threads of long work that nobody waits for at the keyboard.</summary>
internal static class BackgroundThread
{
    // 10 of 19: about a tenth of a processor that others want too, the whole of one that nobody wants. Not 19: a collection waits until every thread has stopped, and this one must get there.
    private const int Nice = 10;

    /// <summary>From here on the calling thread gives way to those that answer agents. It keeps to the thread, so only a thread of its own may call it. Linux ignores <see cref="Thread.Priority"/>; there it is the thread's nice value (setpriority(2)).</summary>
    public static void GiveWay()
    {
        Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        if (OperatingSystem.IsLinux()) _ = setpriority(0, 0, Nice);   // a refusal leaves it as it was, which is no worse than elsewhere
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setpriority(int which, int who, int value);
}
