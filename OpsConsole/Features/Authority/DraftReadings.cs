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
    public MatrixAnalysis Analyse(MatrixDocument document, Func<string, ApproverStanding> approver) => MatrixAnalyser.Analyse(document, approver, Catalogue, Examples);
}

/// <summary>
/// The last reading of each draft. Pages ask at every change of authority anywhere, and a full analysis of a large matrix takes a moment: it is made again
/// only when the draft, the catalogue or the examples were saved or an approver it names stands differently.
/// </summary>
internal sealed class DraftReadings
{
    private const int Most = 64;
    private readonly ConcurrentDictionary<string, DraftReading> _last = new(StringComparer.Ordinal);

    /// <summary>The draft of this version if it was read before, beside this catalogue and these examples.</summary>
    public MatrixDraft? Known(string rolloutId, long version, long catalogue, long examples)
        => _last.TryGetValue(rolloutId, out var known) && (known.Draft.Version, known.Draft.CatalogueVersion, known.Draft.ExamplesVersion) == (version, catalogue, examples) ? known.Draft : null;

    /// <summary>Faults: those of <see cref="MatrixJson.Parse"/>, for a draft from before a field was refused.</summary>
    /// <param name="yardsticks">Those of the versions that <paramref name="draft"/> names; read only when something moved.</param>
    public async Task<Result<DraftReading>> OfAsync(MatrixDraft draft, RolloutAuthority rollout, ConsoleState state, Func<Task<Yardsticks>> yardsticks)
    {
        var lookup = ApproverLookup.For(state.Directory, rollout);
        _last.TryGetValue(rollout.Id, out var known);
        if (known?.Draft.Version != draft.Version) known = null;
        if (known is not null && (known.Draft.CatalogueVersion, known.Draft.ExamplesVersion) == (draft.CatalogueVersion, draft.ExamplesVersion) && known.Standings.All(s => lookup(s.Key) == s.Value)) return known;
        Dictionary<string, ApproverStanding> asked = new(StringComparer.Ordinal);
        var root = known is null ? JsonElement.Parse(draft.Json) : default;
        var document = known is null ? MatrixJson.Parse(root) : known.Document;
        if (document.Fault is { } fault) return fault;
        var measure = await yardsticks();
        var analysis = AnalysisView.Of(await Task.Run(() => measure.Analyse(document.Value, approver => asked[approver] = lookup(approver))));   // a page's own thread must not wait for a large one
        var reading = known is null
            ? new DraftReading(draft, document.Value, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(draft.Json))), analysis) { Standings = asked }
            : known with { Draft = draft, Analysis = analysis, Standings = asked };
        if (_last.Count >= Most) _last.Clear();   // nobody looks at that many at a time
        _last[rollout.Id] = reading;
        return reading;
    }
}
