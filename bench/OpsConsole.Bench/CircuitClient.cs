using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OpsConsole.Bench;

/// <summary>
/// One open page without a browser: it opens the page, starts its circuit as blazor.web.js does (the hub protocol 'blazorpack': MessagePack behind a length), acknowledges what is rendered
/// and answers the few calls that the page makes to its scripts. Nothing is laid out or painted, so hundreds fit on one machine.
/// </summary>
internal sealed partial class CircuitClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private volatile Wanted? _wanted;
    private int _objects;

    /// <param name="page">With the path, as the address bar shows it.</param>
    /// <param name="cookies">Of somebody who is signed in.</param>
    public static async Task<CircuitClient> OpenAsync(HttpClient http, CookieContainer cookies, Uri page, byte[] shows)
    {
        var html = await http.GetStringAsync(page);
        var state = StateComment().Match(html).Groups[1].Value;
        JsonArray operations = [];
        foreach (Match found in ComponentComment().Matches(html))
        {
            var marker = JsonNode.Parse(found.Groups[1].Value)!.AsObject();
            if (!marker.ContainsKey("descriptor")) continue;
            marker["uniqueId"] = operations.Count;
            operations.Add(new JsonObject { ["type"] = "add", ["ssrComponentId"] = operations.Count + 1, ["marker"] = marker });
        }
        if (operations.Count == 0) throw new InvalidOperationException($"{page} has no interactive parts: {html[..Math.Min(300, html.Length)]}");
        var client = new CircuitClient();
        client._socket.Options.Cookies = cookies;
        client._socket.Options.SetRequestHeader("Origin", page.GetLeftPart(UriPartial.Authority));
        await client._socket.ConnectAsync(new UriBuilder(page) { Scheme = "ws", Path = "/_blazor", Query = "" }.Uri, default);
        await client._socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, default);
        client._wanted = new Wanted(shows);
        var shown = client._wanted.At.Task;
        _ = client.ReadAsync();
        await client.InvokeAsync("StartCircuit", page.GetLeftPart(UriPartial.Authority) + "/", page.ToString(), "[]", state);
        await client.InvokeAsync("UpdateRootComponents", new JsonObject { ["batchId"] = 1, ["operations"] = operations }.ToJsonString(), state);
        await shown.WaitAsync(TimeSpan.FromSeconds(30));
        return client;
    }

    /// <summary>When the next batch came in which these bytes are. One question at a time.</summary>
    public Task<long> ShowsAsync(byte[] bytes)
    {
        var wanted = new Wanted(bytes);
        _wanted = wanted;
        return wanted.At.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            var buffer = new byte[64 * 1024];
            var handshake = false;
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), default);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException("The circuit was closed.");
                var at = 0;
                if (!handshake) (handshake, at) = (true, Array.IndexOf(buffer, (byte)0x1e, 0, length) + 1);
                while (at < length)
                {
                    var (size, from) = Length(buffer, at);
                    await TakeAsync(buffer, from, size);
                    at = from + size;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            _wanted?.At.TrySetException(e);
        }
    }

    private Task TakeAsync(byte[] buffer, int from, int size)
    {
        var reader = new Packed(buffer.AsSpan(from, size));
        reader.Array();
        if (reader.Int() != 1) return Task.CompletedTask;   // an answer, or a ping
        reader.Skip();
        reader.Skip();
        var target = reader.Text();
        reader.Array();
        if (target == "JS.RenderBatch")
        {
            var batch = reader.Int();
            if (_wanted is { } wanted && buffer.AsSpan(from, size).IndexOf(wanted.Bytes) >= 0) wanted.At.TrySetResult(Stopwatch.GetTimestamp());
            return InvokeAsync("OnRenderCompleted", batch, null);
        }
        if (target != "JS.BeginInvokeJS") return Task.CompletedTask;
        var (task, name) = (reader.Int(), reader.Text());
        reader.Skip();
        var result = name switch
        {
            "zone" => "\"UTC\"",
            "register" => "1",
            _ when reader.Int() == 1 => $"{{\"__jsObjectId\":{++_objects}}}",   // a module
            _ => "null",
        };
        return task == 0 ? Task.CompletedTask : InvokeAsync("EndInvokeJSFromDotNet", task, true, $"[{task},true,{result}]");
    }

    private async Task InvokeAsync(string target, params object?[] arguments)
    {
        using var body = new MemoryStream();
        body.Write([0x95, 1, 0x80, 0xc0]);
        Write(body, target);
        body.WriteByte((byte)(0x90 | arguments.Length));
        foreach (var argument in arguments) Write(body, argument);
        using var message = new MemoryStream();
        for (var rest = (uint)body.Length; ; rest >>= 7)
        {
            message.WriteByte((byte)(rest > 127 ? rest & 127 | 128 : rest));
            if (rest <= 127) break;
        }
        body.WriteTo(message);
        await _sending.WaitAsync();
        try { await _socket.SendAsync(message.ToArray(), WebSocketMessageType.Binary, true, default); }
        finally { _sending.Release(); }
    }

    private static void Write(MemoryStream to, object? value)
    {
        switch (value)
        {
            case null: to.WriteByte(0xc0); break;
            case bool yes: to.WriteByte(yes ? (byte)0xc3 : (byte)0xc2); break;
            case long number:
                to.WriteByte(0xd3);
                Span<byte> eight = stackalloc byte[8];
                BinaryPrimitives.WriteInt64BigEndian(eight, number);
                to.Write(eight);
                break;
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                to.WriteByte(0xdb);
                Span<byte> four = stackalloc byte[4];
                BinaryPrimitives.WriteInt32BigEndian(four, bytes.Length);
                to.Write(four);
                to.Write(bytes);
                break;
        }
    }

    private static (int Size, int From) Length(byte[] buffer, int at)
    {
        var (size, shift) = (0, 0);
        for (; ; shift += 7)
        {
            var one = buffer[at++];
            size |= (one & 127) << shift;
            if (one < 128) return (size, at);
        }
    }

    [GeneratedRegex("<!--Blazor:(\\{.*?\\})-->")]
    private static partial Regex ComponentComment();
    [GeneratedRegex("<!--Blazor-Server-Component-State:(.*?)-->")]
    private static partial Regex StateComment();

    private sealed record Wanted(byte[] Bytes)
    {
        public TaskCompletionSource<long> At { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>As much of MessagePack as the messages to a page need.</summary>
    private ref struct Packed(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public int Array() => Take() is var head && (head & 0xf0) == 0x90 ? head & 15 : throw new InvalidDataException($"An array was expected, not {head:x}.");

        public long Int() => Take() switch
        {
            < 0x80 and var small => small,
            0xcc => Big(1), 0xcd => Big(2), 0xce => Big(4), 0xcf or 0xd3 => Big(8),
            var head => throw new InvalidDataException($"A number was expected, not {head:x}."),
        };

        public string Text()
        {
            var head = Take();
            var size = (head & 0xe0) == 0xa0 ? head & 31 : head switch { 0xd9 => Big(1), 0xda => Big(2), 0xdb => Big(4), _ => throw new InvalidDataException($"A text was expected, not {head:x}.") };
            var text = Encoding.UTF8.GetString(_rest[..(int)size]);
            _rest = _rest[(int)size..];
            return text;
        }

        /// <summary>Nothing, a text, or an empty map.</summary>
        public void Skip()
        {
            if (_rest[0] is 0xc0 or 0x80) Take(); else Text();
        }

        private byte Take()
        {
            var one = _rest[0];
            _rest = _rest[1..];
            return one;
        }

        private long Big(int size)
        {
            long value = 0;
            for (; size > 0; size--) value = value << 8 | Take();
            return value;
        }
    }
}
