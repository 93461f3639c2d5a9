using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace OpsConsole.Tests.Support;

/// <summary>A mail that arrived: its envelope, its headers as they came, its parts decoded.</summary>
internal sealed record SunkMail(string From, string To, string Raw)
{
    public string Headers => Raw[..Raw.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
    public string Header(string name) => Regex.Match(Headers, $"^{name}: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", RegexOptions.Multiline | RegexOptions.IgnoreCase).Groups[1].Value.Replace("\r\n", "", StringComparison.Ordinal);

    /// <summary>Subjects are UTF-8 in base64 or Q where they are not ASCII.</summary>
    public string Subject => Regex.Replace(Header("Subject"), @"\s*=\?utf-8\?(.)\?([^?]*)\?=", m => Encoding.UTF8.GetString(m.Groups[1].Value is "B" or "b" ? Convert.FromBase64String(m.Groups[2].Value) : Quoted(m.Groups[2].Value)), RegexOptions.IgnoreCase);

    /// <summary>The file that came with it: its name and what is in it; null: none.</summary>
    public (string Name, byte[] Content)? File => Regex.Match(Raw, @"Content-Type: application/pdf; *(?:\r\n )?name=""?([^""\r\n]+)""?\r\n(?:[A-Za-z-]+: .*\r\n(?:[ \t].*\r\n)*)*\r\n([A-Za-z0-9+/=\r\n]+)", RegexOptions.IgnoreCase) is { Success: true } m
        ? (m.Groups[1].Value, Convert.FromBase64String(m.Groups[2].Value.Replace("\r\n", "", StringComparison.Ordinal))) : null;

    /// <summary>All that can be read in it.</summary>
    public string Words => string.Join("\n", Regex.Matches(Raw, @"Content-Transfer-Encoding: base64\r\n(?:[A-Za-z-]+: .*\r\n)*\r\n([A-Za-z0-9+/=\r\n]+)", RegexOptions.IgnoreCase).Select(m => Encoding.UTF8.GetString(Convert.FromBase64String(m.Groups[1].Value.Replace("\r\n", "", StringComparison.Ordinal)))))
        + Regex.Replace(Raw, "=\r\n", "");

    private static byte[] Quoted(string text)
    {
        List<byte> bytes = [];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=') { bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16)); i += 2; }
            else bytes.Add((byte)(text[i] == '_' ? ' ' : text[i]));
        }
        return [.. bytes];
    }
}

/// <summary>An SMTP server that keeps what it is given, and answers the recipient as it is told.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public SmtpSink()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public ConcurrentQueue<SunkMail> Mails { get; } = [];
    /// <summary>Whoever is offered as recipient; 250 takes it.</summary>
    public string Answer { get; set; } = "250 OK";
    /// <summary>Takes connections and never says a word.</summary>
    public bool Silent { get; set; }
    /// <summary>How often somebody was offered as recipient.</summary>
    public int Tried;

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = TalkAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            if (Silent) await Task.Delay(Timeout.Infinite, _end.Token);
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            await using var writer = new StreamWriter(client.GetStream(), Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 sink");
            var (from, to) = ("", "");
            while (await reader.ReadLineAsync(_end.Token) is { } line)
            {
                switch (line.Split(' ', ':')[0].ToUpperInvariant())
                {
                    case "EHLO" or "HELO": await writer.WriteLineAsync("250 sink"); break;
                    case "MAIL": from = Address(line); await writer.WriteLineAsync("250 OK"); break;
                    case "RCPT": to = Address(line); Interlocked.Increment(ref Tried); await writer.WriteLineAsync(Answer); break;
                    case "DATA":
                        await writer.WriteLineAsync("354 go on");
                        var text = new StringBuilder();
                        while (await reader.ReadLineAsync(_end.Token) is { } part && part != ".") text.Append(part.StartsWith('.') ? part[1..] : part).Append("\r\n");
                        Mails.Enqueue(new SunkMail(from, to, text.ToString()));
                        await writer.WriteLineAsync("250 taken");
                        break;
                    case "QUIT": await writer.WriteLineAsync("221 bye"); return;
                    default: await writer.WriteLineAsync("250 OK"); break;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private static string Address(string line) => line[(line.IndexOf('<') + 1)..line.IndexOf('>')];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }
}
