using System.Buffers;
using System.Security.Cryptography;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;

namespace OpsConsole.Data.Writer;

/// <summary>An <see cref="AuditEntry"/> on its way to the database: the leaf stays the UTF-8 that was hashed.</summary>
internal readonly record struct AuditRow(long Seq, DateTimeOffset At, string Event, string Actor, string Object, string? RolloutId, long? DecisionSeq, byte[] Leaf, byte[] Chain);

/// <summary>An <see cref="AuditPayload"/> on its way to the database: text in UTF-8.</summary>
internal readonly record struct PayloadRow(long Seq, byte[] Salt, byte[] Body);

/// <summary>The rows of one transaction, and the head they advance. Owned by the writer, reused.</summary>
internal sealed class Batch
{
    private readonly ArrayBufferWriter<byte> _leaf = new(1024);
    private readonly byte[] _random = new byte[4096];
    private int _used = 4096;

    public LogHead Head { get; private set; } = new();
    public List<AuditRow> Audit { get; } = [];
    public List<PayloadRow> Payloads { get; } = [];
    public List<DecisionRecord> Decisions { get; } = [];
    public List<ApprovalRequest> Approvals { get; } = [];
    public List<OutcomeRecord> Outcomes { get; } = [];
    public List<WrittenRecord> Written { get; } = [];
    public List<ReversibleWindow> Windows { get; } = [];
    public List<IdempotencyKey> Keys { get; } = [];
    public List<CapUsage> Caps { get; } = [];
    /// <summary>What to tell after the commit.</summary>
    public HashSet<string> Topics { get; } = [];

    public void Start(LogHead head)
    {
        Head = head;
        Audit.Clear();
        Payloads.Clear();
        Decisions.Clear();
        Approvals.Clear();
        Outcomes.Clear();
        Written.Clear();
        Windows.Clear();
        Keys.Clear();
        Caps.Clear();
        Topics.Clear();
    }

    /// <summary>Appends an entry to the chain. <paramref name="details"/> is canonical JSON; with a payload it must hold the commitment already.</summary>
    public long Append(DateTimeOffset at, Actor actor, string evt, string obj, ReadOnlySpan<byte> details, string? rolloutId = null, long? decisionSeq = null)
    {
        var seq = Head.Seq + 1;
        _leaf.ResetWrittenCount();
        AuditLeaf.Write(_leaf, seq, at, actor, evt, obj, details, Head.Chain);
        var chain = AuditLeaf.Chain(Head.Chain, _leaf.WrittenSpan);
        Audit.Add(new AuditRow(seq, at, evt, actor.Type + ":" + actor.Id, obj, rolloutId, decisionSeq, _leaf.WrittenSpan.ToArray(), chain));
        (Head.Seq, Head.Chain, Head.LastAt) = (seq, chain, at);
        return seq;
    }

    /// <summary>Keeps a payload beside the chain and returns the commitment for the leaf. The row's number is the next one of the chain.</summary>
    /// <param name="payload">Text in UTF-8.</param>
    public string Commit(byte[] payload)
    {
        var salt = Random(AuditLeaf.SaltLength).ToArray();
        Payloads.Add(new PayloadRow(Head.Seq + 1, salt, payload));
        return AuditLeaf.Commit(salt, payload);
    }

    /// <summary>Fresh bytes of the system's random source, each given once. Taken from it in blocks: a call for every few bytes costs more than the hashing.</summary>
    public ReadOnlySpan<byte> Random(int count)
    {
        if (_used + count > _random.Length)
        {
            RandomNumberGenerator.Fill(_random);
            _used = 0;
        }
        _used += count;
        return _random.AsSpan(_used - count, count);
    }
}
