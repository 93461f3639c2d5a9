using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;

namespace OpsConsole.Core.Decisions;

/// <summary>An agent's question, checked and in canonical form. Holds no pooled memory: it may outlive the request.</summary>
public sealed class Ask
{
    /// <summary>Lower case.</summary>
    public required string Action { get; init; }
    public string? ResourceType { get; init; }
    public string? ResourceId { get; init; }
    /// <summary>Everything the policy may look at; <see cref="PolicyCall.Action"/> equals <see cref="Action"/>.</summary>
    public required PolicyCall Call { get; init; }
    public string? RunId { get; init; }
    public double? Confidence { get; init; }
    /// <summary>Expected cost in micro-dollars; null when not said.</summary>
    public long? CostUsd { get; init; }
    public long? CostTokens { get; init; }
    public AskMode Mode { get; init; }
    public string? OnBehalfOf { get; init; }
    public required CallDigest Digest { get; init; }
    /// <summary>Canonical JSON object in UTF-8 with everything that was asked (arguments, reasoning, alternatives, context, undo…): the payload of the audit entry.</summary>
    public required byte[] Payload { get; init; }
    /// <summary>Canonical JSON of the arguments; <c>{}</c> when absent.</summary>
    public required string Arguments { get; init; }
}

/// <summary>
/// The digest that binds an approval to one call: SHA-256 over the RFC 8785 text of
/// <c>{action, agent, arguments, matrix_version, on_behalf_of, preconditions, resource}</c>, where absent members are left out
/// (absent arguments and preconditions count as <c>{}</c>). Everything but the matrix version is known before the policy is looked at,
/// so the text is kept in two pieces.
/// </summary>
public sealed class CallDigest
{
    private readonly byte[] _head;
    private readonly byte[] _tail;

    private CallDigest(byte[] head, byte[] tail) => (_head, _tail) = (head, tail);

    /// <param name="resource">The resource object of the ask, or undefined.</param>
    public static CallDigest Of(string agentId, string action, JsonElement arguments, JsonElement preconditions, JsonElement resource, string? onBehalfOf)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write("{\"action\":"u8);
        Jcs.WriteString(action, buffer);
        buffer.Write(",\"agent\":"u8);
        Jcs.WriteString(agentId, buffer);
        buffer.Write(",\"arguments\":"u8);
        Object(arguments, buffer);
        buffer.Write(",\"matrix_version\":"u8);
        var head = buffer.WrittenSpan.ToArray();
        buffer.ResetWrittenCount();
        if (onBehalfOf is not null)
        {
            buffer.Write(",\"on_behalf_of\":"u8);
            Jcs.WriteString(onBehalfOf, buffer);
        }
        buffer.Write(",\"preconditions\":"u8);
        Object(preconditions, buffer);
        if (resource.ValueKind == JsonValueKind.Object)
        {
            buffer.Write(",\"resource\":"u8);
            Jcs.Write(resource, buffer);
        }
        buffer.Write("}"u8);
        return new CallDigest(head, buffer.WrittenSpan.ToArray());
    }

    /// <summary>32 bytes, under the given version of the matrix.</summary>
    public byte[] Under(int matrixVersion)
    {
        var rented = ArrayPool<byte>.Shared.Rent(_head.Length + _tail.Length + 16);
        var span = rented.AsSpan();
        _head.CopyTo(span);
        System.Buffers.Text.Utf8Formatter.TryFormat(matrixVersion, span[_head.Length..], out var digits);
        _tail.CopyTo(span[(_head.Length + digits)..]);
        var hash = SHA256.HashData(span[..(_head.Length + digits + _tail.Length)]);
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>The wire form: <c>sha256:…</c> in hex.</summary>
    public static string ToWire(ReadOnlySpan<byte> digest) => "sha256:" + Convert.ToHexStringLower(digest);

    private static void Object(JsonElement value, IBufferWriter<byte> into)
    {
        if (value.ValueKind == JsonValueKind.Object) Jcs.Write(value, into); else into.Write("{}"u8);
    }
}
