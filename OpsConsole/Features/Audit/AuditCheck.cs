using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Audit;

/// <summary>The verification that runs now, if any, and what the last one of this process found.</summary>
/// <param name="Running">How far it has come; null when none runs.</param>
/// <param name="Failed">Why the last one could not be finished (never: what it found), or null.</param>
public sealed record CheckState(VerifyProgress? Running, VerifyReport? Last, string? Failed);

/// <summary>Runs verifications in the background, one at a time for everybody who asks. Signals the topic <c>audit</c> when something moved.</summary>
public sealed partial class AuditCheck(AuditVerifier verifier, Signals signals, IHostApplicationLifetime lifetime, ILogger<AuditCheck> log)
{
    public const string Topic = "audit";
    private readonly Lock _gate = new();
    private volatile CheckState _state = new(null, null, null);
    private CancellationTokenSource? _stop;
    private Task<VerifyReport?>? _run;

    public CheckState State => _state;

    /// <summary>Starts one unless one runs already; completes with its report, or null when it was stopped or failed.</summary>
    public Task<VerifyReport?> StartAsync()
    {
        lock (_gate)
        {
            if (_run is { IsCompleted: false }) return _run;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
            _state = _state with { Running = default(VerifyProgress), Failed = null };
            return _run = RunAsync(_stop);
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _stop?.Cancel();
        }
    }

    private async Task<VerifyReport?> RunAsync(CancellationTokenSource stop)
    {
        await Task.Yield();
        Tell();
        VerifyReport? report = null;
        string? failed = null;
        try
        {
            report = await verifier.VerifyAsync(new Told(this), stop.Token);
            if (report.Intact) LogIntact(report.Entries, report.HeadSeq);
            else LogBroken(report.Broken[0].Seq, report.Broken[0].Why);
        }
        catch (OperationCanceledException)
        {
            failed = "It was stopped before the end.";
        }
        catch (Exception e)
        {
            LogFailed(e);
            failed = "The log could not be read to its end.";
        }
        finally
        {
            _state = new CheckState(null, report ?? _state.Last, failed);
            lock (_gate) _stop = null;   // from here on nobody can stop it
            stop.Dispose();
            Tell();
        }
        return report;
    }

    private void Tell() => signals.Publish(Topic);

    private sealed class Told(AuditCheck owner) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value)
        {
            owner._state = owner._state with { Running = value };
            owner.Tell();
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "The log is intact: {Entries} entries, head {HeadSeq}")]
    private partial void LogIntact(long entries, long headSeq);
    [LoggerMessage(3002, LogLevel.Critical, "The log is not intact, first at entry {Seq}: {Why}")]
    private partial void LogBroken(long seq, string why);
    [LoggerMessage(3003, LogLevel.Error, "The log could not be verified")]
    private partial void LogFailed(Exception e);
}
