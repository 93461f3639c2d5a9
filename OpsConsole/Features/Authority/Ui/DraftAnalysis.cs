using System.Data.Common;
using System.Net.Sockets;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>
/// What the analysis says about a draft while somebody types: asked after a pause, the question before given up, and the last answer kept until there is another. Belongs to one page and its thread of work.
/// </summary>
/// <param name="analyse">Looks at a draft; the token ends it when nobody waits for the answer any more.</param>
/// <param name="changed">Called when there is something else to show.</param>
internal sealed class DraftAnalysis(Func<MatrixDocument, CancellationToken, Task<Result<AnalysisView>>> analyse, TimeProvider time, Action changed) : IDisposable
{
    /// <summary>How long nothing is typed before the draft is looked at.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private CancellationTokenSource _asked = new();
    private bool _gone;

    /// <summary>The last answer.</summary>
    public AnalysisView Says { get; private set; } = new([], []);
    /// <summary>Its findings by row: the id of a rule, or <c>boundaries[0]</c>.</summary>
    public IReadOnlyDictionary<string, RowTrouble> Troubles { get; private set; } = new Dictionary<string, RowTrouble>();
    /// <summary>Another answer is on its way.</summary>
    public bool Looking { get; private set; }
    /// <summary>Why the last look did not work; null when it did.</summary>
    public string? Problem { get; private set; }

    /// <summary>Looks at a draft when it has stood still for <see cref="Pause"/>. Ends early, and says nothing, when something newer is asked.</summary>
    public async Task LookAsync(MatrixDocument document)
    {
        var asked = Anew();
        Looking = true;
        try
        {
            await Task.Delay(Pause, time, asked);
            var answer = await analyse(document, asked);
            if (asked.IsCancellationRequested) return;
            if (answer.Ok) Take(answer.Value);
            else Problem = answer.Fault!.Message;
        }
        catch (OperationCanceledException) when (asked.IsCancellationRequested) { return; }
        catch (Exception e) when (e is DbException or SocketException or TimeoutException or IOException)
        {
            if (asked.IsCancellationRequested) return;
            Problem = "The database cannot be reached at the moment.";
        }
        Looking = false;
        changed();
    }

    /// <summary>What is known of the draft already; a look under way is given up for it.</summary>
    public void Show(AnalysisView known)
    {
        Anew();
        Looking = false;
        Take(known);
    }

    public void Dispose()
    {
        if (_gone) return;
        _gone = true;
        _asked.Cancel();
        _asked.Dispose();
    }

    private CancellationToken Anew()
    {
        if (_gone) return new CancellationToken(canceled: true);
        _asked.Cancel();
        _asked.Dispose();
        _asked = new CancellationTokenSource();
        return _asked.Token;
    }

    private void Take(AnalysisView says)
    {
        (Says, Problem) = (says, null);
        Troubles = says.Errors.Select(f => (Finding: f, IsError: true)).Concat(says.Warnings.Select(f => (Finding: f, IsError: false)))
            .Select(f => (Row: f.Finding.Rule ?? (f.Finding.Field is { } at && at.StartsWith("boundaries[", StringComparison.Ordinal) ? at[..(at.IndexOf(']') + 1)] : null), f.Finding.Message, f.IsError)).Where(f => f.Row is not null)
            .GroupBy(f => f.Row!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new RowTrouble(g.Any(f => f.IsError), string.Join("\n", g.Select(f => VisibleText.Flatten(f.Message)).Distinct().Take(5))), StringComparer.Ordinal);
    }
}
