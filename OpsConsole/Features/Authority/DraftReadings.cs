using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority;

/// <summary>A draft parsed and analysed.</summary>
internal sealed record DraftReading(MatrixDraft Draft, MatrixDocument Document, string Sha256, AnalysisView Analysis)
{
    /// <summary>How the approvers stood that the analysis asked about; while they still do, it still holds.</summary>
    public required IReadOnlyDictionary<string, ApproverStanding> Standings { get; init; }
}

/// <summary>What a draft is measured by, and which examples these are.</summary>
internal sealed record Yardsticks(ActionCatalogue Catalogue, MatrixExamples Examples, long ExamplesVersion)
{
    public MatrixAnalysis Analyse(MatrixDocument document, Func<string, ApproverStanding> approver, CancellationToken ct) => MatrixAnalyser.Analyse(document, approver, Catalogue, Examples, ct);
}

/// <summary>
/// The last reading of each draft. Pages ask at every change of authority anywhere, and a full analysis of a large matrix takes a moment: it is made again
/// only when the draft, the catalogue or the examples were saved or an approver it names stands differently.
/// </summary>
internal sealed class DraftReadings(AnalysisTurns turns)
{
    private const int Most = 64;
    private readonly ConcurrentDictionary<string, DraftReading> _last = new(StringComparer.Ordinal);

    /// <summary>The draft of this version if it was read before, beside this catalogue and these examples.</summary>
    public MatrixDraft? Known(string rolloutId, long version, long catalogue, long examples)
        => _last.TryGetValue(rolloutId, out var known) && (known.Draft.Version, known.Draft.CatalogueVersion, known.Draft.ExamplesVersion) == (version, catalogue, examples) ? known.Draft : null;

    /// <summary>Faults: those of <see cref="MatrixJson.Parse"/>, for a draft from before a field was refused; <c>analysis.busy</c>.</summary>
    /// <param name="yardsticks">Those of the versions that <paramref name="draft"/> names; read only when something moved.</param>
    public async Task<Result<DraftReading>> OfAsync(MatrixDraft draft, RolloutAuthority rollout, ConsoleState state, Func<Task<Yardsticks>> yardsticks, TimeSpan? patience, CancellationToken ct)
    {
        var lookup = ApproverLookup.For(state.Directory, rollout);
        DraftReading? Last() => _last.TryGetValue(rollout.Id, out var last) && last.Draft.Version == draft.Version ? last : null;
        DraftReading? Standing() => Last() is { } last && (last.Draft.CatalogueVersion, last.Draft.ExamplesVersion) == (draft.CatalogueVersion, draft.ExamplesVersion) && last.Standings.All(s => lookup(s.Key) == s.Value) ? last : null;
        if (Standing() is { } known) return known;
        var measure = await yardsticks();
        // Many may have waited for a turn to read the same: the first one reads it.
        return (await turns.RunAsync(() => Standing() is { } meanwhile ? meanwhile : Read(), patience, ct)).Then(r => r);

        Result<DraftReading> Read()
        {
            var before = Last();
            var document = before is null ? MatrixJson.Parse(JsonElement.Parse(draft.Json)) : before.Document;
            if (document.Fault is { } fault) return fault;
            Dictionary<string, ApproverStanding> asked = new(StringComparer.Ordinal);
            var analysis = AnalysisView.Of(measure.Analyse(document.Value, approver => asked[approver] = lookup(approver), ct));
            var reading = before is null
                ? new DraftReading(draft, document.Value, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(draft.Json))), analysis) { Standings = asked }
                : before with { Draft = draft, Analysis = analysis, Standings = asked };
            if (_last.Count >= Most) _last.Clear();   // nobody looks at that many at a time
            return _last[rollout.Id] = reading;
        }
    }
}
