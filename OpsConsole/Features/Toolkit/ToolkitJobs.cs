using OpsConsole.Features.Access;
using System.Collections.Concurrent;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Toolkit;

/// <summary>An export that somebody started on a page.</summary>
/// <param name="File">When it is done.</param>
/// <param name="Fault">When it failed, or was cancelled.</param>
public sealed record ExportJob(string Id, string RolloutId, string PersonId, ToolkitOrder Order, ExportStage Stage, ToolkitFile? File, Fault? Fault, DateTimeOffset At)
{
    public bool Running => File is null && Fault is null;
}

/// <summary>Exports that run beside the pages that started them, so that leaving a page ends none. Files stay here for a quarter of an hour. Topic <c>toolkit-job:&lt;id&gt;</c>.</summary>
internal sealed partial class ToolkitJobs(ToolkitDesk desk, Signals signals, TimeProvider time, IHostApplicationLifetime life, ILogger<ToolkitJobs> log)
{
    private const int MostOfAll = 50, MostOfOne = 3;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<string, (ExportJob Job, CancellationTokenSource Stop)> _jobs = new(StringComparer.Ordinal);

    public static string Topic(string id) => "toolkit-job:" + id;

    /// <summary>The id of the job. Faults: not found, <c>toolkit.busy</c>.</summary>
    public Result<string> Start(PersonCaller caller, string rolloutId, ToolkitOrder order)
    {
        if (desk.MaySee(caller, rolloutId) is { } hidden) return hidden;
        var id = Secrets.NewId("job");
        var stop = CancellationTokenSource.CreateLinkedTokenSource(life.ApplicationStopping);
        lock (_jobs)
        {
            foreach (var (old, held) in _jobs) if (IsOver(held.Job)) _jobs.TryRemove(old, out _);
            var mine = _jobs.Values.Select(j => j.Job).Where(j => j.PersonId == caller.Id).OrderBy(j => j.At).ToList();
            if (mine.Count(j => j.Running) >= MostOfOne || _jobs.Values.Count(j => j.Job.Running) >= MostOfAll) return new Fault(FaultKind.Unavailable, "toolkit.busy", "Too many exports are under way. Try again when one of them is done.");
            foreach (var old in mine.Where(j => !j.Running).SkipLast(MostOfOne - 1)) _jobs.TryRemove(old.Id, out _);   // nobody holds more than a few files here
            _jobs[id] = (new ExportJob(id, rolloutId, caller.Id, order, ExportStage.Waiting, null, null, time.GetUtcNow()), stop);
        }
        _ = Task.Run(() => RunAsync(id, caller, rolloutId, order, stop));
        return id;
    }

    /// <summary>A job of this person; null when there is none, it was forgotten, or they may not see its rollout any more.</summary>
    public ExportJob? Find(PersonCaller caller, string id) => _jobs.TryGetValue(id, out var held) && held.Job.PersonId == caller.Id && !IsOver(held.Job) && desk.MaySee(caller, held.Job.RolloutId) is null ? held.Job : null;

    /// <summary>The last one that this person started for a rollout, for a page that was left and opened again.</summary>
    public string? Latest(PersonCaller caller, string rolloutId)
        => _jobs.Values.Select(j => j.Job).Where(j => j.PersonId == caller.Id && j.RolloutId == rolloutId && !IsOver(j)).MaxBy(j => j.At)?.Id;

    private bool IsOver(ExportJob job) => !job.Running && time.GetUtcNow() - job.At > Life;

    public void Cancel(PersonCaller caller, string id)
    {
        if (Find(caller, id) is not { Running: true }) return;
        try { _jobs[id].Stop.Cancel(); }
        catch (ObjectDisposedException) { /* it ended in this moment */ }
    }

    private async Task RunAsync(string id, PersonCaller caller, string rolloutId, ToolkitOrder order, CancellationTokenSource stop)
    {
        try
        {
            var file = await desk.ExportAsync(caller, rolloutId, order, new Steps(stage => Change(id, j => j with { Stage = stage })), stop.Token);
            Change(id, j => j with { File = file.Ok ? file.Value : null, Fault = file.Fault });
        }
        catch (OperationCanceledException) { Change(id, j => j with { Fault = Fault.Conflict("toolkit.cancelled", "Cancelled. Nothing was exported.") }); }
        catch (Exception e)
        {
            LogFailed(e);
            Change(id, j => j with { Fault = new Fault(FaultKind.Unavailable, "toolkit.failed", "The export failed. Try again; the console's log says why.") });
        }
        finally { stop.Dispose(); }
    }

    private void Change(string id, Func<ExportJob, ExportJob> change)
    {
        if (_jobs.TryGetValue(id, out var held)) _jobs[id] = (change(held.Job) with { At = time.GetUtcNow() }, held.Stop);
        signals.Publish(Topic(id));
    }

    [LoggerMessage(2351, LogLevel.Error, "An export failed")]
    private partial void LogFailed(Exception e);

    private sealed class Steps(Action<ExportStage> told) : IProgress<ExportStage>
    {
        public void Report(ExportStage value) => told(value);
    }
}
