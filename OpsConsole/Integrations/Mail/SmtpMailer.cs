using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Webhooks;
using OpsConsole.Features.Notices;

namespace OpsConsole.Integrations.Mail;

/// <summary>Mail by SMTP, one connection per message. Answers for nothing but that the server took it.</summary>
/// <param name="total">Time until the server has taken it; null: 30 seconds.</param>
internal sealed class SmtpMailer(MailOptions options, TimeSpan? total = null) : IMailer
{
    private const int Accepted = 250;
    private readonly TimeSpan _total = total ?? TimeSpan.FromSeconds(30);

    public bool On => !string.IsNullOrEmpty(options.Host);

    public async Task<AttemptResult> SendAsync(string to, MailText mail, string messageId, Uri unsubscribe, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        if (!MailAddress.TryCreate(to, out var address)) return Ended(null, "Not sent: the account's e-mail is no address that mail can go to.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_total);
        try
        {
            using var message = Message(address, mail, messageId, unsubscribe);
            using var client = new SmtpClient(options.Host!, options.Port) { EnableSsl = options.Security == "starttls", DeliveryMethod = SmtpDeliveryMethod.Network };
            if (!string.IsNullOrEmpty(options.User)) client.Credentials = new NetworkCredential(options.User, options.Password);
            // A server that takes the connection and says nothing is not left by cancelling alone.
            await client.SendMailAsync(message, limit.Token).WaitAsync(limit.Token);
            return Ended(Accepted, "Taken by the mail server.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Ended(null, string.Create(CultureInfo.InvariantCulture, $"The mail server did not take it within {_total.TotalSeconds:0.#} seconds."));
        }
        catch (SmtpException e)
        {
            // What the server says may name people; its code says enough.
            var code = (int)e.StatusCode;
            return code >= 400 ? Ended(code, string.Create(CultureInfo.InvariantCulture, $"The mail server answered {code}.")) : Ended(null, options.Security == "starttls" ? "No secure connection to the mail server." : "No connection to the mail server.");
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or FormatException)
        {
            return Ended(null, "The mail server could not be talked to.");
        }

        AttemptResult Ended(int? status, string says) => new(status, says, null, (int)Math.Min(int.MaxValue, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
    }

    private MailMessage Message(MailAddress to, MailText mail, string messageId, Uri unsubscribe)
    {
        var message = new MailMessage(new MailAddress(options.From!), to) { Subject = mail.Subject, SubjectEncoding = Encoding.UTF8, Body = mail.Text, BodyEncoding = Encoding.UTF8, BodyTransferEncoding = TransferEncoding.Base64 };
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(mail.Html, Encoding.UTF8, MediaTypeNames.Text.Html));
        if (mail.File is { } file) message.Attachments.Add(new Attachment(new MemoryStream(file.Content), file.Name, file.ContentType));
        message.Headers.Add("List-Unsubscribe", $"<{unsubscribe.AbsoluteUri}>");
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("Message-ID", $"<{messageId}@{unsubscribe.IdnHost}>");   // the same at each attempt: what comes twice is known as one
        return message;
    }
}
