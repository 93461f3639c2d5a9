using System.Net.Sockets;
using OpsConsole.Core.Notices;
using OpsConsole.Tests.Support;

namespace OpsConsole.Integrations.Mail;

/// <summary>The mail server takes it, refuses it, is silent, insecure or away.</summary>
public sealed class SmtpMailerTests
{
    private static readonly MailText Text = new("Waits for you: refund.create · Süd", "Plain words", "<p>Rich words</p>");
    private static readonly Uri Settings = new("https://ops.example.com/account/notifications");

    [Fact]
    public async Task Send_TakenByTheServer_HasItsHeadersAndBothForms()
    {
        await using var sink = new SmtpSink();
        var result = await Mailer(sink).SendAsync("dana@example.com", Text, "ndl_1", Settings, default);
        Assert.Equal((250, true), (result.Status, result.Ok));
        var mail = Assert.Single(sink.Mails);
        Assert.Equal(("ops@example.com", "dana@example.com", Text.Subject), (mail.From, mail.To, mail.Subject));
        Assert.Equal("<https://ops.example.com/account/notifications>", mail.Header("List-Unsubscribe"));
        Assert.Equal("auto-generated", mail.Header("Auto-Submitted"));
        Assert.Equal("<ndl_1@ops.example.com>", mail.Header("Message-ID"));
        Assert.StartsWith("multipart/alternative", mail.Header("Content-Type"));
        Assert.Contains("Plain words", mail.Words);
        Assert.Contains("<p>Rich words</p>", mail.Words);
    }

    [Fact]
    public async Task Send_Refused_SaysTheCodeOnly()
    {
        await using var sink = new SmtpSink { Answer = "451 dana@example.com is greylisted" };
        var result = await Mailer(sink).SendAsync("dana@example.com", Text, "ndl_1", Settings, default);
        Assert.Equal((false, "The mail server answered 451."), (result.Ok, result.Says));
    }

    [Fact]
    public async Task Send_SilentServer_IsLeftInTime()
    {
        await using var sink = new SmtpSink { Silent = true };
        var result = await Mailer(sink, total: TimeSpan.FromMilliseconds(200)).SendAsync("dana@example.com", Text, "ndl_1", Settings, default);
        Assert.Equal((false, "The mail server did not take it within 0.2 seconds."), (result.Ok, result.Says));
    }

    [Fact]
    public async Task Send_ServerWithoutStartTls_GetsNothing()
    {
        await using var sink = new SmtpSink();
        var result = await Mailer(sink, security: "starttls").SendAsync("dana@example.com", Text, "ndl_1", Settings, default);
        Assert.Equal((false, "No secure connection to the mail server."), (result.Ok, result.Says));
        Assert.Equal((0, 0), (sink.Tried, sink.Mails.Count));
    }

    [Fact]
    public async Task Send_NobodyListens_OrNoAddress_SaysSo()
    {
        int port;
        using (var closed = new TcpListener(System.Net.IPAddress.Loopback, 0))
        {
            closed.Start();
            port = ((System.Net.IPEndPoint)closed.LocalEndpoint).Port;
        }
        var mailer = new SmtpMailer(new MailOptions { Host = "127.0.0.1", Port = port, Security = "none", From = "ops@example.com" });
        Assert.Equal("No connection to the mail server.", (await mailer.SendAsync("dana@example.com", Text, "ndl_1", Settings, default)).Says);
        Assert.StartsWith("Not sent: the account's e-mail", (await mailer.SendAsync("dana\r\nBcc: x@example.com", Text, "ndl_1", Settings, default)).Says);
    }

    private static SmtpMailer Mailer(SmtpSink sink, string security = "none", TimeSpan? total = null) => new(new MailOptions { Host = "127.0.0.1", Port = sink.Port, Security = security, From = "OpsConsole <ops@example.com>" }, total);
}
