using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace OpsConsole.Bench;

/// <summary>One keep-alive HTTP/1.1 connection that reads answers just far enough to know where they end. Not for general use.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[16 * 1024];
    private int _length;

    private HttpConnection(Socket socket) => _socket = socket;

    /// <summary>The body of the last answer; for a chunked one the chunks as they came.</summary>
    public ReadOnlyMemory<byte> LastBody { get; private set; }

    public static async Task<HttpConnection> OpenAsync(Uri address, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port), ct);
        return new HttpConnection(socket);
    }

    /// <summary>Sends one request and reads its answer to the end.</summary>
    /// <returns>The HTTP status.</returns>
    /// <exception cref="IOException">The server closed the connection or sent what is not HTTP.</exception>
    public async Task<int> SendAsync(ReadOnlyMemory<byte> request, CancellationToken ct)
    {
        while (request.Length > 0) request = request[await _socket.SendAsync(request, ct)..];
        _length = 0;
        int head;
        while ((head = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0) await ReceiveAsync(ct);
        head += 4;
        var (status, length) = Head(_buffer.AsSpan(0, head));
        var end = head + length;
        if (length >= 0)
            while (_length < end) await ReceiveAsync(ct);
        else
            while ((end = ChunksEnd(_buffer.AsSpan(0, _length), head)) < 0) await ReceiveAsync(ct);
        if (_length != end) throw new IOException("The server sent more than one answer to one request.");
        LastBody = _buffer.AsMemory(head, end - head);
        return status;
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReceiveAsync(CancellationToken ct)
    {
        if (_length == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_length), ct);
        _length += received > 0 ? received : throw new IOException("The server closed the connection.");
    }

    /// <summary>Status and body length; −1 for a chunked body.</summary>
    private static (int Status, int Length) Head(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || !Utf8Parser.TryParse(head[9..12], out int status, out _)) throw new IOException("Not an HTTP answer.");
        if (status is 204 or 304) return (status, 0);
        for (var rest = head; ;)
        {
            var line = rest.IndexOf("\r\n"u8);
            if (line <= 0) throw new IOException("The answer says neither Content-Length nor chunked.");
            if (Value(rest[..line], "content-length:"u8, out var value) && Utf8Parser.TryParse(value, out int length, out _)) return (status, length);
            if (Value(rest[..line], "transfer-encoding:"u8, out value) && value.SequenceEqual("chunked"u8)) return (status, -1);
            rest = rest[(line + 2)..];
        }
    }

    private static bool Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length <= name.Length || !System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name)) return false;
        value = line[name.Length..].Trim((byte)' ');
        return true;
    }

    /// <summary>Where a chunked body that starts at <paramref name="at"/> ends, or −1 when there is more to come.</summary>
    private static int ChunksEnd(ReadOnlySpan<byte> buffer, int at)
    {
        while (true)
        {
            var line = buffer[at..].IndexOf("\r\n"u8);
            if (line < 0) return -1;
            if (!Utf8Parser.TryParse(buffer.Slice(at, line), out int size, out _, 'x')) throw new IOException("Not a chunk.");
            at += line + 2 + size + 2;
            if (at > buffer.Length) return -1;
            if (size == 0) return at;
        }
    }
}
