namespace OpsConsole.Core.Audit;

/// <summary>
/// One entry of the hash-chained log. <see cref="Leaf"/> is the RFC 8785 text that is hashed; the other columns repeat parts of it for searching and are
/// compared with it when the chain is verified. <c>chain = SHA-256(previous chain ‖ SHA-256(0x00 ‖ leaf))</c>.
/// </summary>
public sealed class AuditEntry
{
    public long Seq { get; init; }
    public DateTimeOffset At { get; init; }
    public string Event { get; init; } = "";
    /// <summary><c>person:…</c>, <c>agent:…</c> or <c>system:console</c>.</summary>
    public string Actor { get; init; } = "";
    public string Object { get; init; } = "";
    public string? RolloutId { get; init; }
    /// <summary>The decision this entry belongs to (its <c>Seq</c>), for the entries after the ask itself.</summary>
    public long? DecisionSeq { get; init; }
    public string Leaf { get; init; } = "";
    public byte[] Chain { get; init; } = [];
}

/// <summary>
/// What an entry's salted commitment stands for. It may be erased without touching the chain, after an entry <see cref="Redacted"/> about <see cref="ObjectOf"/> said so;
/// one that is gone without such an entry is tampering.
/// </summary>
public sealed class AuditPayload
{
    /// <summary>The event that allows a payload to be missing from then on.</summary>
    public const string Redacted = "payload.redacted";
    private const string ObjectPrefix = "entry:";

    /// <summary>How <see cref="Redacted"/> names the entry whose payload it is about. The database's trigger knows it too.</summary>
    public static string ObjectOf(long seq) => ObjectPrefix + seq.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The entry that <see cref="ObjectOf"/> names, or null.</summary>
    public static long? SeqOf(string obj)
        => obj.StartsWith(ObjectPrefix, StringComparison.Ordinal) && long.TryParse(obj.AsSpan(ObjectPrefix.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq) ? seq : null;

    public long Seq { get; init; }
    public byte[] Salt { get; init; } = [];
    public string Body { get; init; } = "";
}

/// <summary>The single row that orders everything: the last sequence number and chain hash, and the epoch of authority (policies, grants, pauses, people).</summary>
public sealed class LogHead
{
    public int Id { get; init; } = 1;
    public long Seq { get; set; }
    public byte[] Chain { get; set; } = new byte[32];
    public long Epoch { get; set; }
    public DateTimeOffset LastAt { get; set; }
    /// <summary>Everything is paused since…</summary>
    public DateTimeOffset? PausedAt { get; set; }
    public string? PausedReason { get; set; }
    public string? PausedBy { get; set; }
}

/// <summary>Something a person should look at: an agent that acted without leave, a cap that was reached, a loop.</summary>
public sealed class Alert
{
    public long Seq { get; init; }
    public DateTimeOffset At { get; init; }
    public string Kind { get; init; } = "";
    public string RolloutId { get; init; } = "";
    public string AgentId { get; init; } = "";
    public string? DecisionId { get; init; }
    public string Text { get; init; } = "";
    public DateTimeOffset? SeenAt { get; set; }
    public string? SeenBy { get; set; }
}
