using System.ComponentModel;
using System.Diagnostics;
using OpsConsole.Features.Toolkit;

namespace OpsConsole.Integrations.Browser;

/// <summary>Asks fontconfig, by which Chromium chooses its fonts on Linux, what all fonts of this machine can draw together. Asked again after a minute, so that fonts installed meanwhile are found.</summary>
internal sealed partial class Glyphs(TimeProvider time, ILogger<Glyphs> log) : IGlyphs, IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _asking = new(1);
    private IReadOnlyList<(int First, int Last)>? _covered;
    private DateTimeOffset? _askedAt;

    /// <summary>Fontconfig's program; tests name another.</summary>
    internal string Program { get; init; } = "fc-list";

    public async Task<IReadOnlyList<MissingGlyphs>?> MissingAsync(string text, CancellationToken ct)
    {
        await _asking.WaitAsync(ct);
        try
        {
            if (_askedAt is not { } asked || time.GetUtcNow() - asked > Fresh)
            {
                _covered = await AskAsync(ct);
                _askedAt = time.GetUtcNow();
            }
        }
        finally
        {
            _asking.Release();
        }
        return _covered is { } covered ? Scripts.Missing(text, covered) : null;
    }

    public void Dispose() => _asking.Dispose();

    private async Task<IReadOnlyList<(int First, int Last)>?> AskAsync(CancellationToken ct)
    {
        if (OnPath.Find(Program) is not { } program) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Most);
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, ["--format=%{charset}\n", ":scalable=true"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var charsets = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await errors;
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? Scripts.Together(charsets) : null;
        }
        catch (Exception e) when (e is Win32Exception || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            LogUnknown(e);
            return null;
        }
        finally
        {
            if (process is { HasExited: false }) process.Kill(entireProcessTree: true);
            process?.Dispose();
        }
    }

    [LoggerMessage(5003, LogLevel.Warning, "Which characters the fonts of this machine can draw is not known: fontconfig did not answer")]
    private partial void LogUnknown(Exception e);
}
