using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Data;

namespace OpsConsole.Features.Reliability;

/// <summary>What changed in a stretch of time that moves figures: the matrix, tiers, gates, an agent's version, baselines, and incidents; out of the log, the oldest first.</summary>
public static class ChangeMarks
{
    private const int Most = 100;
    /// <summary>Entries of the log that are marks.</summary>
    public static readonly IReadOnlyList<string> Changing = ["matrix.published", "grant.given", "grant.ended", "gate.passed", "gate.revoked", "gate.fell", "agent.changed", "baseline.fixed", "baseline.ended"];

    /// <param name="agentId">Only what concerns this agent, or everybody; null: all.</param>
    public static async Task<IReadOnlyList<MarkView>> OfAsync(OpsDbContext db, ConsoleState state, string rolloutId, DateTimeOffset from, string? agentId, CancellationToken ct)
    {
        var first = await LogClock.FirstSeqAtAsync(db, from, null, ct);
        var rows = await db.Audit.AsNoTracking().Where(a => a.Event != "decision.asked" && Changing.Contains(a.Event) && a.Seq >= first && a.RolloutId == rolloutId).OrderByDescending(a => a.Seq).Take(Most).Select(a => new { a.Seq, a.At, a.Event, a.Object, a.Leaf }).ToListAsync(ct);
        List<MarkView> marks = [.. rows.Select(r => (r.At, r.Event, Entry: LogEvent.Of(r.Seq, r.Leaf, null))).Where(r => r.Entry is not null).Select(r => Mark(state, rolloutId, agentId, r.At, r.Event, r.Entry!)).OfType<MarkView>()];
        var incidents = await db.Incidents.AsNoTracking().Where(i => i.RolloutId == rolloutId && i.Seq >= first && i.Status != IncidentStatus.Merged && i.Status != IncidentStatus.Cancelled).OrderByDescending(i => i.Seq).Take(Most).ToListAsync(ct);
        marks.AddRange(incidents.Select(i => new MarkView(i.Times.Detected, "incident", $"{SeveritySpec.Of(i.Severity).Title}: {VisibleText.Flatten(i.Title)}", "/incidents/" + i.Id)));
        return [.. marks.Where(m => m.At >= from).OrderBy(m => m.At).TakeLast(Most)];
    }

    /// <summary>What an entry says; null: nothing that moves figures, or it is about another agent.</summary>
    public static MarkView? Mark(ConsoleState state, string rolloutId, string? agentId, DateTimeOffset at, string evt, LogEvent entry)
    {
        var agent = evt is "agent.changed" ? entry.Object : entry.Word("agent");
        if (agent is not null && agentId is not null && agent != agentId) return null;
        var name = agent is not null && state.Agents.TryGetValue(agent, out var known) ? VisibleText.Flatten(known.Name) : "an agent";
        return evt switch
        {
            "matrix.published" => new(at, "matrix", string.Create(CultureInfo.InvariantCulture, $"Version {entry.Number("version")} of the matrix was put in force"), $"/rollouts/{rolloutId}/matrix/versions"),
            "grant.given" => new(at, "tier", $"{name} became {entry.Word("tier")} for {entry.Word("capability")}", "/agents/" + agent),
            "grant.ended" => entry.Word("why") == "replaced" ? null : new(at, "tier", $"{name} lost {entry.Word("capability")} as {entry.Word("tier")}", "/agents/" + agent),
            "agent.changed" => entry.Word("model") is null && entry.Word("version") is null ? null
                : new(at, "agent", $"{name} has another {(entry.Word("version") is { } version ? $"version: {VisibleText.Flatten(version)}" : $"model: {VisibleText.Flatten(entry.Word("model")!)}")}", "/agents/" + agent),
            "baseline.fixed" or "baseline.ended" => new(at, "baseline", $"The baseline of {Words(entry, name)} was {evt[9..]}", MonitoringReader.Page(rolloutId, agent ?? "", entry.Word("action"), entry.Word("measure") ?? "")),
            _ => new(at, "gate", $"Gate {entry.Object.Split('/')[^1]} {(evt == "gate.fell" ? "fell" : "was " + evt[5..])}", $"/rollouts/{rolloutId}#gates"),
        };
    }

    private static string Words(LogEvent entry, string agent)
        => $"{Core.Reliability.WatchedSpec.All.FirstOrDefault(s => s.Wire == entry.Word("measure"))?.Words.ToLowerInvariant() ?? "a figure"} of {agent}{(entry.Word("action") is { } action ? ", " + VisibleText.Flatten(action) : "")}";
}
