namespace OpsConsole.Core.Incidents;

/// <summary>What the console does about an incident: at once, because the row of the escalation matrix says so, or because somebody clicked it.</summary>
public enum ResponseKind { PauseAgent, PauseRollout, ReduceAuthority, RouteToReview, HoldScaling, NotifyOwner, NotifySponsor, TriggerRollback, Quarantine }

public static class ResponseKinds
{
    /// <summary>As the escalation matrix and the API name them (<see cref="Worksheets.WorksheetSpecs.Responses"/>).</summary>
    public static IReadOnlyDictionary<string, ResponseKind> Words { get; } = new Dictionary<string, ResponseKind>
    {
        ["pause_agent"] = ResponseKind.PauseAgent, ["pause_rollout"] = ResponseKind.PauseRollout, ["reduce_authority"] = ResponseKind.ReduceAuthority, ["route_to_review"] = ResponseKind.RouteToReview,
        ["hold_scaling"] = ResponseKind.HoldScaling, ["notify_owner"] = ResponseKind.NotifyOwner, ["notify_sponsor"] = ResponseKind.NotifySponsor,
        ["trigger_rollback"] = ResponseKind.TriggerRollback, ["quarantine"] = ResponseKind.Quarantine,
    };

    /// <summary>What an agent's own report sets off, and only on itself. The rest of its row waits for somebody's click: no key of an agent stops a rollout or holds its scaling.</summary>
    public static IReadOnlyList<ResponseKind> ByItsOwnReport { get; } = [ResponseKind.PauseAgent, ResponseKind.ReduceAuthority, ResponseKind.RouteToReview, ResponseKind.NotifyOwner, ResponseKind.NotifySponsor];

    public static string Wire(this ResponseKind kind) => Words.First(w => w.Value == kind).Key;
}

/// <summary>One thing that a response changed, and how it was: an <c>agent</c> or a <c>rollout</c> that ran, or a <c>grant</c> that was replaced (<paramref name="Was"/>: the id of the one before).</summary>
public sealed record ResponseEffect(string Kind, string Id, string? Was = null);

/// <summary>A response that was carried out. Its key is the log entry that proves it. It is taken back once, and only what still stands as it left it.</summary>
public sealed class IncidentResponse
{
    private IncidentResponse() { }

    /// <param name="by"><c>person:…</c> or <c>system:console</c>.</param>
    public IncidentResponse(long seq, string incidentId, ResponseKind kind, string by, DateTimeOffset at, string says, IReadOnlyList<ResponseEffect> effects) => (Seq, IncidentId, Kind, By, At, Says, Effects) = (seq, incidentId, kind, by, at, says, effects);

    public long Seq { get; private set; }
    public string IncidentId { get; private set; } = "";
    public ResponseKind Kind { get; private set; }
    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    public string Says { get; private set; } = "";
    public IReadOnlyList<ResponseEffect> Effects { get; private set; } = [];
    public DateTimeOffset? TakenBackAt { get; private set; }
    public string? TakenBackBy { get; private set; }

    /// <summary>What told somebody, and a hold, which is lifted by verifying, cannot be taken back.</summary>
    public bool MayBeTakenBack => TakenBackAt is null && Effects.Count > 0;

    internal void TakeBack(string by, DateTimeOffset at) => (TakenBackBy, TakenBackAt) = (by, at);
}
