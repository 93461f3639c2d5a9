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
public sealed record ExportJob(string Id, string RolloutId, string PersonId, ToolkitOrder Order, ExportStage Stage, ExportedFile? File, Fault? Fault, DateTimeOffset At)
{
    public bool Running => File is null && Fault is null;
}

/// <summary>What a page shows of a file; its bytes stay with <see cref="ToolkitJobs"/>.</summary>
/// <param name="Unprinted">As <see cref="ToolkitFile.Unprinted"/>.</param>
public sealed record ExportedFile(string ExportId, string Name, string Sha256, int Bytes, IReadOnlyList<string>? Unprinted);

/// <summary>Exports that run beside the pages that started them, so that leaving a page ends none. Files stay here for a quarter of an hour, fewer while there are many. Topic <c>toolkit-job:&lt;id&gt;</c>.</summary>
internal sealed partial class ToolkitJobs(ToolkitDesk desk, ToolkitTurns turns, Signals signals, TimeProvider time, IHostApplicationLifetime life, ILogger<ToolkitJobs> log)
{
    private const int MostKept = 3;
    private const long MostBytes = 256_000_000;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<string, Held> _jobs = new(StringComparer.Ordinal);

    public static string Topic(string id) => "toolkit-job:" + id;

    /// <summary>The id of the job. Faults: not found, <c>toolkit.busy</c>.</summary>
    public Result<string> Start(PersonCaller caller, string rolloutId, ToolkitOrder order)
    {
        if (desk.MaySee(caller, rolloutId) is { } hidden) return hidden;
        var turn = turns.Take(caller, ToolkitWork.Print);
        if (turn.Fault is { } busy) return busy;
        var id = Secrets.NewId("job");
        var stop = CancellationTokenSource.CreateLinkedTokenSource(life.ApplicationStopping);
        lock (_jobs)
        {
            var mine = _jobs.Values.Select(j => j.Job).Where(j => j.PersonId == caller.Id).OrderBy(j => j.At).ToList();
            foreach (var old in mine.Where(j => !j.Running).SkipLast(MostKept - 1)) _jobs.TryRemove(old.Id, out _);   // nobody holds more than a few files here
            _jobs[id] = new Held(new ExportJob(id, rolloutId, caller.Id, order, ExportStage.Reading, null, null, time.GetUtcNow()), null, stop);
        }
        _ = Task.Run(() => RunAsync(id, caller, rolloutId, order, turn.Value, stop));
        return id;
    }

    /// <summary>A job of this person; null when there is none, it was forgotten, or they may not see its rollout any more.</summary>
    public ExportJob? Find(PersonCaller caller, string id) => Mine(caller, id)?.Job;

    /// <summary>The file of such a job, once it is done.</summary>
    public ToolkitFile? File(PersonCaller caller, string id) => Mine(caller, id)?.File;

    private Held? Mine(PersonCaller caller, string id) => _jobs.TryGetValue(id, out var held) && held.Job.PersonId == caller.Id && !IsOver(held.Job) && desk.MaySee(caller, held.Job.RolloutId) is null ? held : null;

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

    private async Task RunAsync(string id, PersonCaller caller, string rolloutId, ToolkitOrder order, ToolkitTurn turn, CancellationTokenSource stop)
    {
        try
        {
            Result<ToolkitFile> file;
            using (turn) file = await desk.ExportAsync(caller, rolloutId, order, new Steps(stage => Change(id, j => j with { Stage = stage })), stop.Token);
            if (file.Fault is { } fault) Change(id, j => j with { Fault = fault });
            else Change(id, j => j with { File = new ExportedFile(file.Value.ExportId, file.Value.Name, file.Value.Sha256, file.Value.Content.Length, file.Value.Unprinted) }, file.Value);
        }
        catch (OperationCanceledException) { Change(id, j => j with { Fault = Fault.Conflict("toolkit.cancelled", "Cancelled. Nothing was exported.") }); }
        catch (Exception e)
        {
            LogFailed(e);
            Change(id, j => j with { Fault = new Fault(FaultKind.Unavailable, "toolkit.failed", "The export failed. Try again; the console's log says why.") });
        }
        finally
        {
            stop.Dispose();
            _ = ForgetAsync(id);
        }
    }

    // The oldest go first while there is too much; this one in time.
    private async Task ForgetAsync(string id)
    {
        lock (_jobs)
        {
            foreach (var old in _jobs.Values.Where(j => j.File is not null).OrderByDescending(j => j.Job.At).ToList().Aggregate((Kept: 0L, Over: new List<string>()), (sum, j) =>
            {
                if (sum.Kept > 0 && sum.Kept + j.File!.Content.Length > MostBytes) sum.Over.Add(j.Job.Id);
                else sum.Kept += j.File!.Content.Length;
                return sum;
            }).Over) _jobs.TryRemove(old, out _);
        }
        try { await Task.Delay(Life, time, life.ApplicationStopping); }
        catch (OperationCanceledException) { return; }
        _jobs.TryRemove(id, out _);
        signals.Publish(Topic(id));
    }

    private void Change(string id, Func<ExportJob, ExportJob> change, ToolkitFile? file = null)
    {
        if (_jobs.TryGetValue(id, out var held)) _jobs[id] = held with { Job = change(held.Job) with { At = time.GetUtcNow() }, File = file };
        signals.Publish(Topic(id));
    }

    private sealed record Held(ExportJob Job, ToolkitFile? File, CancellationTokenSource Stop);

    [LoggerMessage(2351, LogLevel.Error, "An export failed")]
    private partial void LogFailed(Exception e);

    private sealed class Steps(Action<ExportStage> told) : IProgress<ExportStage>
    {
        public void Report(ExportStage value) => told(value);
    }
}
