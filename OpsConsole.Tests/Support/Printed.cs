using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Xunit;

namespace OpsConsole.Tests.Support;

/// <summary>A PDF as poppler and qpdf see it.</summary>
internal sealed class Printed : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"printed-{Guid.NewGuid():N}.pdf");

    public static async Task<Printed> OfAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var printed = new Printed();
        await File.WriteAllBytesAsync(printed._file, await answer.Content.ReadAsByteArrayAsync());
        return printed;
    }

    public void Dispose() => File.Delete(_file);

    public Task<string> TextAsync() => RunAsync("pdftotext", "-layout", _file, "-");

    /// <summary>In the order in which it is read aloud.</summary>
    public Task<string> ReadAsync() => RunAsync("pdftotext", _file, "-");

    public Task<string> FactsAsync() => RunAsync("pdfinfo", _file);

    public Task<string> StructureAsync() => RunAsync("pdfinfo", "-struct", _file);

    /// <summary>What stands for its figures.</summary>
    public async Task<string> AlternativesAsync() => string.Join('\n', Regex.Matches(await RunAsync("qpdf", "--qdf", "--object-streams=disable", "--stream-data=preserve", _file, "-"), "/Alt \\((.*)\\)").Select(m => m.Groups[1].Value));

    public Task CheckAsync() => RunAsync("qpdf", "--check", _file);

    /// <summary>No word stands outside of its page, and none on top of another.</summary>
    public async Task AssertNothingOverlapsAsync()
    {
        var page = 0;
        var (width, height) = (0.0, 0.0);
        List<(double Left, double Top, double Right, double Bottom, string Word)> words = [];
        foreach (Match m in Regex.Matches(await RunAsync("pdftotext", "-bbox", _file, "-"), "<page width=\"([0-9.]+)\" height=\"([0-9.]+)\"|<word xMin=\"([-0-9.]+)\" yMin=\"([-0-9.]+)\" xMax=\"([-0-9.]+)\" yMax=\"([-0-9.]+)\">(.*?)</word>"))
        {
            if (m.Groups[1].Success)
            {
                Compare();
                (page, width, height) = (page + 1, Number(m.Groups[1]), Number(m.Groups[2]));
                continue;
            }
            (double Left, double Top, double Right, double Bottom, string Word) word = (Number(m.Groups[3]), Number(m.Groups[4]), Number(m.Groups[5]), Number(m.Groups[6]), m.Groups[7].Value);
            Assert.True(word.Left >= 0 && word.Right <= width && word.Top >= 0 && word.Bottom <= height, $"page {page}: {m.Value}");
            // The box is as high as the font; its letters fill the middle.
            var high = word.Bottom - word.Top;
            words.Add(word with { Top = word.Top + (0.28 * high), Bottom = word.Bottom - (0.22 * high) });
        }
        Compare();
        Assert.NotEqual(0, page);

        void Compare()
        {
            words.Sort((a, b) => a.Top.CompareTo(b.Top));
            for (var i = 0; i < words.Count; i++)
            {
                for (var j = i + 1; j < words.Count && words[j].Top < words[i].Bottom; j++)
                {
                    var (a, b) = (words[i], words[j]);
                    var (across, down) = (Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left), Math.Min(a.Bottom, b.Bottom) - b.Top);
                    Assert.False(across > 1.5 && down > 0.3 * Math.Min(a.Bottom - a.Top, b.Bottom - b.Top), $"page {page}: “{a.Word}” and “{b.Word}” overlap by {across:0.0} x {down:0.0} pt");
                }
            }
            words.Clear();
        }

        static double Number(Group g) => double.Parse(g.Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Every page as a grey PNG of 30 dots per inch, in their order.</summary>
    public async Task<IReadOnlyList<byte[]>> PagesAsync()
    {
        var folder = Directory.CreateTempSubdirectory("pages-");
        try
        {
            await RunAsync("pdftoppm", "-gray", "-r", "30", "-png", _file, Path.Combine(folder.FullName, "p"));
            return [.. folder.GetFiles().OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => File.ReadAllBytes(f.FullName))];
        }
        finally { folder.Delete(recursive: true); }
    }

    /// <summary>The share of a page, 0 to 1, that is clearly darker or lighter than in another picture of it: blocks of 3 by 3 dots (2.5 mm), compared by their means, so that a fraction of a millimetre and another smoothing of letters do not count. 1 when the sizes differ.</summary>
    public static double Difference(byte[] png, byte[] other)
    {
        var (a, b) = (Grey(png), Grey(other));
        if (a.Width != b.Width || a.Height != b.Height) return 1;
        var (blocks, differ) = (0, 0);
        for (var y = 0; y + 3 <= a.Height; y += 3)
        {
            for (var x = 0; x + 3 <= a.Width; x += 3)
            {
                var sum = 0;
                for (var dy = 0; dy < 3; dy++) for (var dx = 0; dx < 3; dx++) sum += a.Dots[((y + dy) * a.Width) + x + dx] - b.Dots[((y + dy) * b.Width) + x + dx];
                blocks++;
                if (Math.Abs(sum) > 9 * 40) differ++;
            }
        }
        return (double)differ / blocks;
    }

    // 8 bits of each colour or of grey, not interlaced: what pdftoppm writes. Of three that are the same, the first.
    private static (int Width, int Height, byte[] Dots) Grey(byte[] png)
    {
        var (width, height) = (Int(png, 16), Int(png, 20));
        Assert.True(png[24] == 8 && png[25] is 0 or 2 && png[28] == 0, "a PNG of another kind");
        var (each, line) = (png[25] == 2 ? 3 : 1, width * (png[25] == 2 ? 3 : 1));
        using var packed = new MemoryStream();
        for (var at = 8; at < png.Length; at += Int(png, at) + 12)
            if (png.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8)) packed.Write(png, at + 8, Int(png, at));
        packed.Position = 0;
        using var unpacked = new ZLibStream(packed, CompressionMode.Decompress);
        var bytes = new byte[line * height];
        for (var y = 0; y < height; y++)
        {
            var filter = unpacked.ReadByte();
            unpacked.ReadExactly(bytes, y * line, line);
            for (var x = 0; x < line; x++)
            {
                int left = x >= each ? bytes[(y * line) + x - each] : 0, up = y > 0 ? bytes[((y - 1) * line) + x] : 0, corner = x >= each && y > 0 ? bytes[((y - 1) * line) + x - each] : 0;
                var paeth = left + up - corner;
                var nearest = Math.Abs(paeth - left) <= Math.Abs(paeth - up) && Math.Abs(paeth - left) <= Math.Abs(paeth - corner) ? left : Math.Abs(paeth - up) <= Math.Abs(paeth - corner) ? up : corner;
                bytes[(y * line) + x] += (byte)(filter switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => nearest, _ => 0 });
            }
        }
        return (width, height, [.. Enumerable.Range(0, width * height).Select(i => bytes[i * each])]);

        static int Int(byte[] from, int at) => (from[at] << 24) | (from[at + 1] << 16) | (from[at + 2] << 8) | from[at + 3];
    }

    private static async Task<string> RunAsync(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, wrong) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {await wrong}");
        return await said;
    }
}
