using System.Buffers.Text;
using System.Text;

namespace OpsConsole.Bench;

/// <summary>
/// A request rendered once. Where the body or a header holds <see cref="Slot"/>, each sending writes another number of the same width
/// there, so that no two calls are equal (loop detection, idempotency keys).
/// </summary>
internal sealed class RequestTemplate
{
    /// <summary>Sixteen characters that stand for "a number of its own".</summary>
    public const string Slot = "@@@@@@@@@@@@@@@@";

    private readonly byte[] _bytes;
    private readonly int[] _slots;

    private RequestTemplate(byte[] bytes, int[] slots) => (_bytes, _slots) = (bytes, slots);

    public static RequestTemplate Post(Uri address, string path, string body, string? bearer = null, params (string Name, string Value)[] headers)
    {
        var head = new StringBuilder($"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        if (bearer is not null) head.Append("Authorization: Bearer ").Append(bearer).Append("\r\n");
        foreach (var (name, value) in headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        return From(head.Append("\r\n").Append(body).ToString());
    }

    public static RequestTemplate Get(Uri address, string path, string? bearer = null) =>
        From($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\n{(bearer is null ? "" : $"Authorization: Bearer {bearer}\r\n")}\r\n");

    /// <summary>A copy for one caller to write its numbers into.</summary>
    public byte[] Copy() => (byte[])_bytes.Clone();

    public void Number(byte[] copy, long number)
    {
        foreach (var slot in _slots) Utf8Formatter.TryFormat(number, copy.AsSpan(slot, Slot.Length), out _, new('D', (byte)Slot.Length));
    }

    private static RequestTemplate From(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var slot = Encoding.UTF8.GetBytes(Slot);
        var slots = new List<int>();
        for (int at = 0, next; (next = bytes.AsSpan(at).IndexOf(slot)) >= 0; at += next + slot.Length) slots.Add(at + next);
        return new RequestTemplate(bytes, [.. slots]);
    }
}
