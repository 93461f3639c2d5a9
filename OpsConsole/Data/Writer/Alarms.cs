using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;

namespace OpsConsole.Data.Writer;

/// <summary>
/// What the writer noticed while it decided: caps that were reached, loops, agents that acted without leave. Written into the same transaction:
/// the pause that a cap asks for always, an alert once per agent and kind and minute, so that a storm does not bury the others.
/// </summary>
internal sealed class Alarms
{
    private static readonly TimeSpan Storm = TimeSpan.FromMinutes(1);

    private sealed record Notice(string AgentId, string RolloutId, string Kind, string DecisionId, string Text, bool Pause);

    private readonly List<Notice> _noticed = [];
    private readonly Dictionary<(string, string), DateTimeOffset> _raised = [];
    private readonly Dictionary<(string, string), DateTimeOffset> _raising = [];

    public bool None => _noticed.Count == 0;

    public void Add(string agentId, string rolloutId, string kind, string decisionId, string text, bool pause) => _noticed.Add(new Notice(agentId, rolloutId, kind, decisionId, text, pause));

    /// <summary>The transaction did not happen, so nothing was raised.</summary>
    public void Clear()
    {
        _noticed.Clear();
        _raising.Clear();
    }

    public void Committed()
    {
        foreach (var (what, at) in _raising) _raised[what] = at;
        Clear();
    }

    /// <summary>True when an agent was paused.</summary>
    public async Task<bool> WriteAsync(ChangeScope scope, CancellationToken ct)
    {
        foreach (var notice in _noticed)
        {
            Alert(notice, scope);
            if (notice.Pause) await PauseAsync(notice, scope, ct);
        }
        return scope.AuthorityMoved;
    }

    private void Alert(Notice notice, ChangeScope scope)
    {
        var what = (notice.AgentId, notice.Kind);
        if (_raising.ContainsKey(what) || (_raised.TryGetValue(what, out var last) && scope.Now - last < Storm)) return;
        _raising[what] = scope.Now;
        var seq = scope.Audit(Actor.System, "alert.raised", notice.DecisionId, new { kind = notice.Kind, agent = notice.AgentId }, rolloutId: notice.RolloutId,
            decisionSeq: Ids.TrySeq(notice.DecisionId, "dec", out var decision) ? decision : null);
        scope.Db.Alerts.Add(new Alert { Seq = seq, At = scope.Now, Kind = notice.Kind, RolloutId = notice.RolloutId, AgentId = notice.AgentId, DecisionId = notice.DecisionId, Text = notice.Text });
        scope.Signal("alerts");
    }

    private static async Task PauseAsync(Notice notice, ChangeScope scope, CancellationToken ct)
    {
        // Found among what this context tracks when an earlier notice paused it.
        if (await scope.Db.Agents.FindAsync([notice.AgentId], ct) is not { } agent || !agent.Pause(notice.Text, "console", scope.Now)) return;
        scope.Audit(Actor.System, "agent.paused", agent.Id, new { reason = notice.Kind }, rolloutId: notice.RolloutId);
        scope.AuthorityChanged();
    }
}
