using System.Collections.Concurrent;
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

    /// <summary>Runs work on a thread of its own that gives way. What follows an await of this work comes back to that thread; what a library does meanwhile runs where the library wants it.</summary>
    public static Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Factory.StartNew(() =>
    {
        GiveWay();
        using var turns = new Turns();
        SynchronizationContext.SetSynchronizationContext(turns);
        var ended = work();
        ended.ContinueWith(static (_, t) => ((Turns)t!).Left.CompleteAdding(), turns, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        foreach (var (next, state) in turns.Left.GetConsumingEnumerable()) next(state);
        return ended.GetAwaiter().GetResult();
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private sealed class Turns : SynchronizationContext, IDisposable
    {
        public BlockingCollection<(SendOrPostCallback Next, object? State)> Left { get; } = [];

        public override void Post(SendOrPostCallback d, object? state) => Left.Add((d, state));

        public override SynchronizationContext CreateCopy() => this;

        public void Dispose() => Left.Dispose();
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setpriority(int which, int who, int value);
}
