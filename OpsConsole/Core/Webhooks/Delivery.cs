namespace OpsConsole.Core.Webhooks;

/// <summary>Waits for its next attempt; arrived; all attempts failed (a dead letter); stopped, because its endpoint was switched off or it is of no use any more.</summary>
public enum DeliveryState { Waiting, Delivered, Failed, Stopped }

/// <summary>What came of one attempt.</summary>
/// <param name="Status">The receiver's answer, of HTTP or SMTP; null when there was none.</param>
/// <param name="Says">For people: why it failed, or 'delivered'.</param>
/// <param name="RetryAfter">The receiver's wish, from a 429 or 503.</param>
public sealed record AttemptResult(int? Status, string Says, TimeSpan? RetryAfter, int Millis)
{
    /// <summary>The body of a 2xx that was asked for, at most 64 KB of UTF-8; null: not asked for, or longer, or not to be read. Untrusted.</summary>
    public string? Answer { get; init; }
    public bool Ok => Status is >= 200 and < 300;
    /// <summary>410: the receiver wants nothing more, ever.</summary>
    public bool Gone => Status == 410;
}

/// <summary>A message on its way to one endpoint. Whoever sends it has moved <see cref="DueAt"/> ahead in a change of its own, so nobody else does; should they die, it is due again.</summary>
public abstract class Delivery
{
    /// <summary>An attempt that is under way is nobody else's for so long; longer than one may take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    protected Delivery() { }
    protected Delivery(string id, string endpointId, DateTimeOffset now, DateTimeOffset due) => (Id, EndpointId, At, DueAt) = (id, endpointId, now, due);

    public string Id { get; private set; } = "";
    public string EndpointId { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    public DeliveryState State { get; private set; }
    /// <summary>Null when nothing more is to be done.</summary>
    public DateTimeOffset? DueAt { get; private set; }
    /// <summary>All attempts, and those since it was last begun anew.</summary>
    public int Attempts { get; private set; }
    public int Tries { get; private set; }
    public int? Status { get; private set; }
    public string? Says { get; private set; }
    public DateTimeOffset? LastAt { get; private set; }

    /// <summary>Somebody is sending it at this moment.</summary>
    public bool UnderWay(DateTimeOffset now) => DueAt > now && LastAt is { } last && now - last < Lease && DueAt == last + Lease;

    /// <summary>Takes the next attempt. The schedule counts it even if whoever took it never tells.</summary>
    public void Claim(DateTimeOffset now) => (Attempts, Tries, DueAt, LastAt) = (Attempts + 1, Tries + 1, now + Lease, now);

    /// <summary>What came of the attempt with this number; a later one may be under way already, then this one only counts when it arrived.</summary>
    public void Settle(int number, AttemptResult result, DateTimeOffset now, double chance)
    {
        if (State != DeliveryState.Waiting && !result.Ok) return;
        if (number != Attempts && !result.Ok) return;
        (Status, Says) = (result.Status, result.Says);
        DueAt = result.Ok || result.Gone ? null : RetrySchedule.Next(Tries, now, chance, result.RetryAfter);
        State = result.Ok ? DeliveryState.Delivered : DueAt is null ? DeliveryState.Failed : DeliveryState.Waiting;
    }

    /// <summary>From the beginning of the schedule.</summary>
    public void Replay(DateTimeOffset now) => (State, Tries, DueAt) = (DeliveryState.Waiting, 0, now);

    /// <param name="why">For people; null: what came of the last attempt stays.</param>
    public void Stop(string? why = null) => (State, DueAt, Says) = (DeliveryState.Stopped, null, why ?? Says);
}

/// <summary>One attempt, for the delivery log.</summary>
public sealed class DeliveryAttempt
{
    private DeliveryAttempt() { }
    public DeliveryAttempt(string deliveryId, int number, AttemptResult result, DateTimeOffset at)
        => (DeliveryId, Number, At, Status, Says, Millis) = (deliveryId, number, at, result.Status, result.Says, result.Millis);

    public string DeliveryId { get; private set; } = "";
    public int Number { get; private set; }
    public DateTimeOffset At { get; private set; }
    public int? Status { get; private set; }
    public string Says { get; private set; } = "";
    public int Millis { get; private set; }
}
