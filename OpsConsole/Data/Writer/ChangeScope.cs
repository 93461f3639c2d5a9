using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Data.Writer;

/// <summary>
/// What a change may use inside the writer's transaction. Everything written through <see cref="Db"/> and every <see cref="Audit"/> entry commit
/// together, or not at all when the change returns a fault or throws. Changes run one after the other: what is read here cannot move underneath.
/// </summary>
public sealed class ChangeScope
{
    private readonly Batch _batch;
    private readonly WriterMemory _memory;

    internal ChangeScope(WriterMemory memory, Batch batch, OpsDbContext db, DateTimeOffset now) => (_memory, _batch, Db, Now) = (memory, batch, db, now);

    public OpsDbContext Db { get; }
    /// <summary>Authority as it stands before this change.</summary>
    public ConsoleState State => _memory.State;
    public DateTimeOffset Now { get; }
    internal bool AuthorityMoved { get; private set; }
    /// <summary>The row that orders the log; holds the pause of everything.</summary>
    internal LogHead Head => _batch.Head;

    /// <summary>Puts an entry on the chain and returns its number.</summary>
    /// <param name="details">An anonymous object or JSON node without personal data; serialised in snake_case, numbers beyond 2^53 and money as text.</param>
    /// <param name="payload">What must be provable but erasable: kept beside the chain, only its salted hash enters the leaf.</param>
    public long Audit(Actor actor, string evt, string obj, object? details = null, object? payload = null, string? rolloutId = null, long? decisionSeq = null)
    {
        var node = details is null ? new JsonObject() : JsonSerializer.SerializeToNode(details, Snake) as JsonObject ?? [];
        if (rolloutId is not null) node["rollout"] = rolloutId;
        if (decisionSeq is not null) node["decision_seq"] = decisionSeq;
        if (payload is not null)
        {
            var text = payload as string ?? Jcs.Text(JsonSerializer.SerializeToElement(payload, Snake));
            node["payload_sha256"] = _batch.Commit(Encoding.UTF8.GetBytes(text));
        }
        return _batch.Append(Now, actor, evt, obj, Jcs.Bytes(JsonSerializer.SerializeToElement(node)), rolloutId, decisionSeq);
    }

    /// <summary>The payload of an entry, also of one that this change has just appended; null when it has none or it was erased.</summary>
    public async Task<string?> PayloadAsync(long seq, CancellationToken ct)
        => _batch.Payloads.Find(p => p.Seq == seq) is { Body: { } fresh } ? Encoding.UTF8.GetString(fresh) : await Db.Payloads.AsNoTracking().Where(p => p.Seq == seq).Select(p => p.Body).SingleOrDefaultAsync(ct);

    /// <summary>Policies, grants, gates, pauses, people or credentials changed: memory is loaded anew before the next decision is given, here and in every other instance.</summary>
    public void AuthorityChanged() => AuthorityMoved = true;

    /// <summary>Tells subscribers after the commit.</summary>
    public void Signal(string topic) => _batch.Topics.Add(topic);

    /// <summary>Corrects what a decision reserved (negative amounts give back).</summary>
    public Task AdjustCapsAsync(DecisionRecord decision, long usd, long tokens, long decisions, CancellationToken ct) => _memory.AdjustCapsAsync(decision, usd, tokens, decisions, Now, ct);

    /// <summary>Counters were removed: memory must not go on with what the database no longer has.</summary>
    internal void ForgetCaps() => _memory.Caps.Forget();

    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
}
