using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Toolkit.Ui.Print;

namespace OpsConsole.Features.Toolkit;

/// <summary>Sets documents as one self-contained HTML page: no scripts, styles and fonts inside. The same data gives the same bytes, but for the export line.</summary>
internal sealed class ToolkitHtml(IServiceProvider services, IWebHostEnvironment web, ILoggerFactory logs)
{
    private readonly Lazy<string> _styles = new(() => Fonts(web) + Text(web, "css/print.css"));

    public async Task<string> SetAsync(PrintJob job)
    {
        await using var scope = services.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, logs);
        var body = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<PrintedPages>(ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(PrintedPages.Job)] = job }))).ToHtmlString());
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{System.Net.WebUtility.HtmlEncode(job.Title)}</title>
            <style>
            {_styles.Value}
            {Pages(job)}
            </style>
            </head>
            <body>
            {body}
            </body>
            </html>

            """.ReplaceLineEndings("\n");
    }

    /// <summary>Nothing but what the page carries itself.</summary>
    public const string Policy = IPress.Policy;

    // Paper, and what stands in its margins: text of the team goes in as CSS escapes, so that it stays text. Each document has a page of its own, whose head names it and the data it shows.
    private static string Pages(PrintJob job)
    {
        var paper = job.Order.Paper == Paper.A4 ? "A4" : "Letter";
        var version = job.Data is { } data && job.Decision is null ? " · " + Printing.Version(data) : "";
        var css = new StringBuilder($$"""
            :root { --accent: {{job.Livery.Accent}}; }
            @page { size: {{paper}} portrait; @top-right { content: {{Css(Short(job.Title, 60) + version)}}; } @bottom-left { content: {{Css(job.Livery.Confidentiality + (job.Simulated ? " · Simulated: made-up cases" : ""))}}; } @bottom-right { content: counter(page) " of " counter(pages); } }

            """);
        foreach (var document in job.Order.Documents)
        {
            var head = document.Title + (job.Order.Blank ? ", blank" : " · " + Short(VisibleText.Flatten(job.Data!.Name), 60) + version);
            css.Append(CultureInfo.InvariantCulture, $$"""
                @page {{document.Id}} { size: {{paper}} {{(document.Wide ? "landscape" : "portrait")}}; @top-right { content: {{Css(head)}}; } }
                #doc-{{document.Id}} { page: {{document.Id}}; }

                """);
        }
        return css.ToString();
    }

    private static string Css(string text)
    {
        var css = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value == ' ') css.Append(rune.ToString());
            else css.Append(CultureInfo.InvariantCulture, $"\\{rune.Value:x6} ");   // the space belongs to the escape
        }
        return css.Append('"').ToString();
    }

    private static string Short(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] + "…";

    private static string Fonts(IWebHostEnvironment web)
        => $"@font-face {{ font-family: \"Source Sans 3\"; font-weight: 200 900; src: url(data:font/woff2;base64,{Convert.ToBase64String(Bytes(web, "_content/Radzen.Blazor/fonts/SourceSans3VF-Upright.ttf.woff2"))}) format(\"woff2\"); }}\n";

    private static string Text(IWebHostEnvironment web, string path) => Encoding.UTF8.GetString(Bytes(web, path)).Replace("</", "<\\/", StringComparison.Ordinal);

    private static byte[] Bytes(IWebHostEnvironment web, string path)
    {
        var file = web.WebRootFileProvider.GetFileInfo(path);
        if (!file.Exists) throw new FileNotFoundException($"{path} is missing beside the program: it was not published whole.", path);
        using var from = file.CreateReadStream();
        using var to = new MemoryStream();
        from.CopyTo(to);
        return to.ToArray();
    }
}
