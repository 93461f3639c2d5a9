using System.Net;
using System.Security.Cryptography;
using OpsConsole.Core.Access;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Incidents;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Toolkit;

/// <summary>An exported file.</summary>
/// <param name="Name">Safe in any file system.</param>
/// <param name="Unprinted">Characters that no font of this machine draws, in words; empty when all are drawn; null when nobody can tell.</param>
public sealed record ToolkitFile(string ExportId, string RolloutId, string Name, byte[] Content, string Sha256, IReadOnlyList<string>? Unprinted);

/// <summary>How far an export is.</summary>
public enum ExportStage { Waiting, Reading, Setting, Printing, Recording }

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
        return job.Fault is { } fault ? fault : await html.SetAsync(job.Value.Job);
    }

    public async Task<Result<string>> PreviewAsync(PersonCaller caller, string decisionId, Paper paper, CancellationToken ct)
    {
        var job = await JobAsync(caller, decisionId, paper, "preview", ct);
        return job.Fault is { } fault ? fault : await html.SetAsync(job.Value.Job);
    }

    /// <summary>One incident's review as a page of HTML.</summary>
    public async Task<Result<string>> PreviewReviewAsync(PersonCaller caller, string incidentId, Paper paper, CancellationToken ct)
    {
        var job = await ReviewJobAsync(caller, incidentId, paper, "preview", ct);
        return job.Fault is { } fault ? fault : await html.SetAsync(job.Value.Job);
    }

    /// <summary>The documents as a PDF, on record. Faults: not found, and those of <see cref="IPress.PrintAsync"/>.</summary>
    public Task<Result<ToolkitFile>> ExportAsync(PersonCaller caller, string id, ToolkitOrder order, IProgress<ExportStage>? progress, CancellationToken ct)
    {
        var what = order.Bundle ? order.Blank ? "toolkit-blank" : "toolkit" : order.Documents[0].Id + (order.Blank ? "-blank" : "");
        return PrintAsync(caller, () => JobAsync(caller, id, order, Secrets.NewId("exp"), ct), order.Names + (order.Blank ? " (blank)" : ""),
            () => $"{(FileName.Slug(writer.State.Rollouts[id].Name) is { Length: > 0 } slug ? slug : id)}-{what}.pdf", progress, ct);
    }

    /// <summary>One decision's evidence as a PDF, on record.</summary>
    public Task<Result<ToolkitFile>> ExportAsync(PersonCaller caller, string decisionId, Paper paper, CancellationToken ct)
        => PrintAsync(caller, () => JobAsync(caller, decisionId, paper, Secrets.NewId("exp"), ct), "evidence of " + decisionId, () => $"{decisionId}-evidence.pdf", null, ct);

    /// <summary>One incident's review as a PDF, on record: for whoever sees the incident, who need not see its rollout.</summary>
    public Task<Result<ToolkitFile>> ExportReviewAsync(PersonCaller caller, string incidentId, Paper paper, CancellationToken ct)
        => PrintAsync(caller, () => ReviewJobAsync(caller, incidentId, paper, Secrets.NewId("exp"), ct), "review of " + incidentId, () => $"{incidentId}-review.pdf", null, ct);

    /// <summary>One week's review as a page of HTML.</summary>
    public async Task<Result<string>> PreviewWeekAsync(PersonCaller caller, string id, string week, Paper paper, CancellationToken ct)
    {
        var job = await WeekJobAsync(caller, id, week, paper, "preview", ct);
        return job.Fault is { } fault ? fault : await html.SetAsync(job.Value.Job);
    }

    /// <summary>One week's review as a PDF, on record.</summary>
    /// <param name="by">Who has it made; null: the caller. What the caller may see is in it either way.</param>
    public Task<Result<ToolkitFile>> ExportWeekAsync(PersonCaller caller, string id, string week, Paper paper, CancellationToken ct, Actor? by = null)
        => PrintAsync(caller, () => WeekJobAsync(caller, id, week, paper, Secrets.NewId("exp"), ct, by), "weekly review " + week, () => $"{(FileName.Slug(writer.State.Rollouts[id].Name) is { Length: > 0 } slug ? slug : id)}-{week}.pdf", null, ct, by);

    /// <summary>A scale memo as a page of HTML.</summary>
    public async Task<Result<string>> PreviewMemoAsync(PersonCaller caller, string id, string memo, Paper paper, CancellationToken ct)
    {
        var job = await MemoJobAsync(caller, id, memo, paper, "preview", ct);
        return job.Fault is { } fault ? fault : await html.SetAsync(job.Value.Job);
    }

    /// <summary>A scale memo as a PDF, on record.</summary>
    public Task<Result<ToolkitFile>> ExportMemoAsync(PersonCaller caller, string id, string memo, Paper paper, CancellationToken ct)
        => PrintAsync(caller, () => MemoJobAsync(caller, id, memo, paper, Secrets.NewId("exp"), ct), "scale memo " + memo, () => $"{(FileName.Slug(writer.State.Rollouts[id].Name) is { Length: > 0 } slug ? slug : id)}-scale-memo.pdf", null, ct);

    private async Task<Result<(PrintJob Job, string RolloutId)>> JobAsync(PersonCaller caller, string id, ToolkitOrder order, string export, CancellationToken ct)
    {
        var data = await reader.ReadAsync(caller, id, !order.Blank && order.Documents.Contains(ToolkitDocument.Incidents) ? order.Log ?? new LogFilter() : null, ct);
        if (data.Fault is { } fault) return fault;
        var d = data.Value;
        var title = (order.Bundle ? "Toolkit" : order.Documents[0].Title) + (order.Blank ? ", blank" : " · " + VisibleText.Flatten(d.Name));
        return (new PrintJob(title, order, order.Blank ? null : d, null, d.Zone, await liveries.OfAsync(id, ct), Line(caller, export, d.Version.Log), d.Gates.ToDictionary(g => g.Gate, g => (IReadOnlyList<string>)[.. g.Criteria.Select(c => c.Text)]), d.Evidence.Rollout.Simulated && !order.Blank), id);
    }

    private async Task<Result<(PrintJob Job, string RolloutId)>> JobAsync(PersonCaller caller, string decisionId, Paper paper, string export, CancellationToken ct)
    {
        var story = await stories.TellAsync(caller, decisionId, ct);
        if (story.Fault is { } fault) return fault;
        if (story.Value.Steps.Sum(s => (long)(s.Payload?.Length ?? 0)) > MostEvidence) return new Fault(FaultKind.TooLarge, "toolkit.too_large", "What was said about this decision is too long for a document. Read it on the decision's page, or export the audit log.");
        var rollout = story.Value.Decision.RolloutId;
        var data = await reader.ReadAsync(caller, rollout, null, ct);
        if (data.Fault is { } hidden) return hidden;
        return (new PrintJob($"Evidence of {decisionId}", new ToolkitOrder([], false, paper), data.Value, story.Value, data.Value.Zone, await liveries.OfAsync(rollout, ct), Line(caller, export, data.Value.Version.Log), new Dictionary<Gate, IReadOnlyList<string>>(), story.Value.Decision.Simulated), rollout);
    }

    private async Task<Result<(PrintJob Job, string RolloutId)>> ReviewJobAsync(PersonCaller caller, string incidentId, Paper paper, string export, CancellationToken ct)
    {
        var file = await reader.ReadIncidentAsync(caller, incidentId, ct);
        if (file.Fault is { } hidden) return hidden;
        var (f, incident) = (file.Value, file.Value.Story.Incident);
        if (f.Story.Timeline.Sum(l => (long)l.Text.Length) > MostEvidence) return new Fault(FaultKind.TooLarge, "toolkit.too_large", "What was said about this incident is too long for a document. Read it on the incident's page, or export the audit log.");
        return (new PrintJob("Incident review · " + VisibleText.Flatten(incident.Title), new ToolkitOrder([], false, paper), null, null, f.Zone, await liveries.OfAsync(incident.RolloutId, ct), Line(caller, export, f.Log), new Dictionary<Gate, IReadOnlyList<string>>(), f.Simulated, f), incident.RolloutId);
    }

    private async Task<Result<(PrintJob Job, string RolloutId)>> WeekJobAsync(PersonCaller caller, string id, string week, Paper paper, string export, CancellationToken ct, Actor? by = null)
    {
        var file = await reader.ReadWeekAsync(caller, id, week, ct);
        if (file.Fault is { } hidden) return hidden;
        var f = file.Value;
        return (new PrintJob($"Weekly review {f.View.Week} · {VisibleText.Flatten(f.View.RolloutName)}", new ToolkitOrder([], false, paper), null, null, f.Zone, await liveries.OfAsync(id, ct), Line(caller, export, f.Log, by), new Dictionary<Gate, IReadOnlyList<string>>(), f.Simulated, Week: f), id);
    }

    private async Task<Result<(PrintJob Job, string RolloutId)>> MemoJobAsync(PersonCaller caller, string id, string memo, Paper paper, string export, CancellationToken ct)
    {
        var file = await reader.ReadMemoAsync(caller, id, memo, ct);
        if (file.Fault is { } hidden) return hidden;
        var f = file.Value;
        return (new PrintJob($"Scale memo · {VisibleText.Flatten(f.View.RolloutName)}", new ToolkitOrder([], false, paper), null, null, f.Zone, await liveries.OfAsync(id, ct), Line(caller, export, f.Log), new Dictionary<Gate, IReadOnlyList<string>>(), f.Simulated, Memo: f), id);
    }

    private ExportLine Line(PersonCaller caller, string export, long log, Actor? by = null) => new(export, by is null ? writer.State.Directory.NameOf(caller.Id) : "the console", time.GetUtcNow(), log, address.Origin);

    private async Task<Result<ToolkitFile>> PrintAsync(PersonCaller caller, Func<Task<Result<(PrintJob Job, string RolloutId)>>> read, string what, Func<string> name, IProgress<ExportStage>? progress, CancellationToken ct, Actor? by = null)
    {
        var (job, rolloutId, missing) = ((PrintJob)null!, "", (IReadOnlyList<MissingGlyphs>?)null);
        var pdf = await press.PrintAsync(async () =>
        {
            progress?.Report(ExportStage.Reading);
            var found = await read();
            if (found.Fault is { } hidden) return hidden;
            (job, rolloutId) = found.Value;
            progress?.Report(ExportStage.Setting);
            var page = await html.SetAsync(job);
            missing = await glyphs.MissingAsync($"{WebUtility.HtmlDecode(page[page.IndexOf("<body>", StringComparison.Ordinal)..])}\n{job.Livery.Confidentiality}\n{job.Title}", ct);   // head and foot of the pages stand in the styles, in escapes, beside half a megabyte of font
            progress?.Report(ExportStage.Printing);
            return page;
        }, ct);
        if (pdf.Fault is { } fault) return fault;
        progress?.Report(ExportStage.Recording);
        var sha256 = SHA256.HashData(pdf.Value);
        var export = job.Line.Id;
        var recorded = await writer.ChangeAsync<Done>(async (scope, inner) =>
        {
            if (job.Incident is { } file ? !await IncidentReader.SeesAsync(scope, caller, file.Story.Incident.Id, inner) : !Sight.Rollout(scope.State, caller, rolloutId).Ok) return Fault.NotFound(job.Incident is null ? "rollout" : "incident");
            var version = job.Data is { } data && job.Decision is null ? data.Version : new DataVersion(0, 0, job.Line.LogSequence);   // a blank form shows no data, and a decision was judged by the version that its sheet names
            scope.Db.ToolkitExports.Add(new ToolkitExport(export, rolloutId, what, sha256, pdf.Value.Length, by?.Id ?? caller.Id, scope.Now, version));
            scope.Audit(by ?? caller.Actor, Exported, export, new { what, sha256 = Convert.ToHexStringLower(sha256), bytes = pdf.Value.Length, worksheets = version.Sheets, matrix = version.Matrix, log = version.Log }, rolloutId: rolloutId);
            scope.Signal("toolkit:" + rolloutId);
            return Done.Value;
        });
        return recorded.Fault is { } refused ? refused
            : new ToolkitFile(export, rolloutId, name(), pdf.Value, Convert.ToHexStringLower(sha256), missing is null ? null : [.. missing.Select(m => $"{m.Script}, such as {m.Sample} (install {m.Package})")]);
    }
}
