using System.Net;
using System.Security.Cryptography;
using OpsConsole.Core.Access;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Decisions;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Toolkit;

/// <summary>An exported file.</summary>
/// <param name="Name">Safe in any file system.</param>
/// <param name="Unprinted">Characters that no font of this machine draws, in words; empty when all are drawn; null when nobody can tell.</param>
public sealed record ToolkitFile(string ExportId, string RolloutId, string Name, byte[] Content, string Sha256, IReadOnlyList<string>? Unprinted);

/// <summary>How far an export is.</summary>
public enum ExportStage { Reading, Setting, Printing, Recording }

/// <summary>Prints documents, and puts every export on record before anybody has it.</summary>
internal sealed class ToolkitDesk(DurableWriter writer, ToolkitReader reader, DecisionStory stories, ToolkitHtml html, IPress press, IGlyphs glyphs, LiveryDesk liveries, PublicAddress address, TimeProvider time)
{
    public const string Exported = "toolkit.exported";
    private const long MostEvidence = 8_000_000;

    /// <summary>Null when PDFs can be printed here; else what is missing. The preview can always be printed by the reader's own browser.</summary>
    public string? Missing => press.Missing;

    public Fault? MaySee(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id).Fault;

    /// <summary>The documents as a page of HTML, for the reader's own browser.</summary>
    public async Task<Result<string>> PreviewAsync(PersonCaller caller, string id, ToolkitOrder order, CancellationToken ct)
    {
        var job = await JobAsync(caller, id, order, "preview", ct);
        return job.Fault is { } fault ? fault : await html.SetAsync(job.Value);
    }

    public async Task<Result<string>> PreviewAsync(PersonCaller caller, string decisionId, Paper paper, CancellationToken ct)
    {
        var job = await JobAsync(caller, decisionId, paper, "preview", ct);
        return job.Fault is { } fault ? fault : await html.SetAsync(job.Value.Job);
    }

    /// <summary>The documents as a PDF, on record. Faults: not found, and those of <see cref="IPress.PrintAsync"/>.</summary>
    public async Task<Result<ToolkitFile>> ExportAsync(PersonCaller caller, string id, ToolkitOrder order, IProgress<ExportStage>? progress, CancellationToken ct)
    {
        progress?.Report(ExportStage.Reading);
        var job = await JobAsync(caller, id, order, Secrets.NewId("exp"), ct);
        if (job.Fault is { } fault) return fault;
        var what = order.Bundle ? order.Blank ? "toolkit-blank" : "toolkit" : order.Documents[0].Id + (order.Blank ? "-blank" : "");
        return await PrintAsync(caller, id, job.Value, order.Names + (order.Blank ? " (blank)" : ""), $"{(FileName.Slug(writer.State.Rollouts[id].Name) is { Length: > 0 } slug ? slug : id)}-{what}.pdf", progress, ct);
    }

    /// <summary>One decision's evidence as a PDF, on record.</summary>
    public async Task<Result<ToolkitFile>> ExportAsync(PersonCaller caller, string decisionId, Paper paper, CancellationToken ct)
    {
        var job = await JobAsync(caller, decisionId, paper, Secrets.NewId("exp"), ct);
        return job.Fault is { } fault ? fault : await PrintAsync(caller, job.Value.RolloutId, job.Value.Job, "evidence of " + decisionId, $"{decisionId}-evidence.pdf", null, ct);
    }

    private async Task<Result<PrintJob>> JobAsync(PersonCaller caller, string id, ToolkitOrder order, string export, CancellationToken ct)
    {
        var data = await reader.ReadAsync(caller, id, ct);
        if (data.Fault is { } fault) return fault;
        var d = data.Value;
        var title = (order.Bundle ? "Toolkit" : order.Documents[0].Title) + (order.Blank ? ", blank" : " · " + VisibleText.Flatten(d.Name));
        return new PrintJob(title, order, order.Blank ? null : d, null, d.Zone, await liveries.OfAsync(id, ct), Line(caller, export, d), d.Gates.ToDictionary(g => g.Gate, g => (IReadOnlyList<string>)[.. g.Criteria.Select(c => c.Text)]), d.Evidence.Rollout.Simulated && !order.Blank);
    }

    private async Task<Result<(PrintJob Job, string RolloutId)>> JobAsync(PersonCaller caller, string decisionId, Paper paper, string export, CancellationToken ct)
    {
        var story = await stories.TellAsync(caller, decisionId, ct);
        if (story.Fault is { } fault) return fault;
        if (story.Value.Steps.Sum(s => (long)(s.Payload?.Length ?? 0)) > MostEvidence) return new Fault(FaultKind.TooLarge, "toolkit.too_large", "What was said about this decision is too long for a document. Read it on the decision's page, or export the audit log.");
        var rollout = story.Value.Decision.RolloutId;
        var data = await reader.ReadAsync(caller, rollout, ct);
        if (data.Fault is { } hidden) return hidden;
        return (new PrintJob($"Evidence of {decisionId}", new ToolkitOrder([], false, paper), data.Value, story.Value, data.Value.Zone, await liveries.OfAsync(rollout, ct), Line(caller, export, data.Value), new Dictionary<Gate, IReadOnlyList<string>>(), story.Value.Decision.Simulated), rollout);
    }

    private ExportLine Line(PersonCaller caller, string export, ToolkitData data) => new(export, writer.State.Directory.NameOf(caller.Id), time.GetUtcNow(), data.Version.Log, address.Origin);

    private async Task<Result<ToolkitFile>> PrintAsync(PersonCaller caller, string rolloutId, PrintJob job, string what, string name, IProgress<ExportStage>? progress, CancellationToken ct)
    {
        progress?.Report(ExportStage.Setting);
        var page = await html.SetAsync(job);
        var missing = await glyphs.MissingAsync($"{WebUtility.HtmlDecode(page)}\n{job.Livery.Confidentiality}\n{job.Title}", ct);   // the foot stands in the styles, in escapes
        progress?.Report(ExportStage.Printing);
        var pdf = await press.PrintAsync(page, ct);
        if (pdf.Fault is { } fault) return fault;
        progress?.Report(ExportStage.Recording);
        var sha256 = SHA256.HashData(pdf.Value);
        var export = job.Line.Id;
        var recorded = await writer.ChangeAsync<Done>((scope, _) =>
        {
            if (Sight.Rollout(scope.State, caller, rolloutId).Fault is { } gone) return Task.FromResult<Result<Done>>(gone);
            var version = job.Data is { } data && job.Decision is null ? data.Version : new DataVersion(0, 0, job.Line.LogSequence);   // a blank form shows no data, and a decision was judged by the version that its sheet names
            scope.Db.ToolkitExports.Add(new ToolkitExport(export, rolloutId, what, sha256, pdf.Value.Length, caller.Id, scope.Now, version));
            scope.Audit(caller.Actor, Exported, export, new { what, sha256 = Convert.ToHexStringLower(sha256), bytes = pdf.Value.Length, worksheets = version.Sheets, matrix = version.Matrix, log = version.Log }, rolloutId: rolloutId);
            scope.Signal("toolkit:" + rolloutId);
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        return recorded.Fault is { } refused ? refused
            : new ToolkitFile(export, rolloutId, name, pdf.Value, Convert.ToHexStringLower(sha256), missing is null ? null : [.. missing.Select(m => $"{m.Script}, such as {m.Sample} (install {m.Package})")]);
    }
}
