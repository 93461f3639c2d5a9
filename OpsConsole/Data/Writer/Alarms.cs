using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;

namespace OpsConsole.Data.Writer;

/// <summary>
/// What the writer noticed while it decided: caps that were reached, loops, agents that acted without leave. Turned into changes after the commit
/// (an alert, and the pause that a cap asks for); a storm raises one alert per agent and kind and minute.
/// </summary>
internal sealed class Alarms
{
    private sealed record Notice(string AgentId, string RolloutId, string Kind, string DecisionId, string Text, bool Pause);

    private readonly List<Notice> _noticed = [];
    private readonly Dictionary<(string, string), DateTimeOffset> _raised = [];

    public void Add(string agentId, string rolloutId, string kind, string decisionId, string text, bool pause) => _noticed.Add(new Notice(agentId, rolloutId, kind, decisionId, text, pause));

    public void Clear() => _noticed.Clear();

    public IReadOnlyList<Func<ChangeScope, CancellationToken, Task<Result<Done>>>> Raise(DateTimeOffset now)
    {
        if (_noticed.Count == 0) return [];
        List<Func<ChangeScope, CancellationToken, Task<Result<Done>>>> changes = [];
        foreach (var notice in _noticed)
        {
            if (_raised.TryGetValue((notice.AgentId, notice.Kind), out var last) && now - last < TimeSpan.FromMinutes(1)) continue;
            _raised[(notice.AgentId, notice.Kind)] = now;
            changes.Add((scope, ct) => RecordAsync(notice, scope, ct));
        }
        _noticed.Clear();
        return changes;
    }

    private static async Task<Result<Done>> RecordAsync(Notice notice, ChangeScope scope, CancellationToken ct)
    {
        var seq = scope.Audit(Actor.System, "alert.raised", notice.DecisionId, new { kind = notice.Kind, agent = notice.AgentId }, rolloutId: notice.RolloutId,
            decisionSeq: Ids.TrySeq(notice.DecisionId, "dec", out var decision) ? decision : null);
        scope.Db.Alerts.Add(new Alert { Seq = seq, At = scope.Now, Kind = notice.Kind, RolloutId = notice.RolloutId, AgentId = notice.AgentId, DecisionId = notice.DecisionId, Text = notice.Text });
        scope.Signal("alerts");
        if (notice.Pause && await scope.Db.Agents.SingleOrDefaultAsync(a => a.Id == notice.AgentId, ct) is { } agent && agent.Pause(notice.Text, "console", scope.Now))
        {
            scope.Audit(Actor.System, "agent.paused", agent.Id, new { reason = notice.Kind }, rolloutId: notice.RolloutId);
            scope.AuthorityChanged();
        }
        return Done.Value;
    }
}
