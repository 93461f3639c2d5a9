using System.Text;
using OpsConsole.Core.Toolkit;
using Xunit;

namespace OpsConsole.Tests.Core.Toolkit;

/// <summary>Which pictures may stand on documents.</summary>
public sealed class PictureTests
{
    private const string Svg = "http://www.w3.org/2000/svg";

    [Theory]
    [InlineData("89504E470D0A1A0A0000000D4948445200000064000000320802000000AABBCCDD", "image/png")]     // 100 x 50
    [InlineData("89504E470D0A1A0A0000000D4948445200003E8000003E800100000000AABBCCDD", null)]            // 16000 x 16000
    [InlineData("89504E470D0A1A0A00", null)]
    [InlineData("FFD8FFE000044A46FFC0001108003200640300", "image/jpeg")]                                // 100 x 50
    [InlineData("FFD8FFE000044A46FFC000110800FFFFFFFF00", null)]
    [InlineData("FFD8FFE000", null)]
    [InlineData("FFD8FFE00000FFC0", null)]
    [InlineData("474946383961", null)]
    [InlineData("", null)]
    public void Bitmap_IsKnownByItsHeader_AndItsSize(string hex, string? type) => Assert.Equal(type, Picture.TypeOf(Convert.FromHexString(hex), out var wrong) is { } known && wrong is null ? known : null);

    [Theory]
    [InlineData($"<svg xmlns='{Svg}'><g><path d='M0 0h9'/></g></svg>", true)]
    [InlineData($"<?xml version='1.0'?>\n<!-- by hand --><svg xmlns='{Svg}' xmlns:i='urn:ink'><i:view><i:use/></i:view><style>.a{{fill:red}}</style></svg>", true)]
    [InlineData("<svg><path d='M0 0'/></svg>", false)]
    [InlineData($"<svg xmlns='{Svg}'><use href='#a'/></svg>", false)]
    [InlineData($"<svg xmlns='{Svg}'><script>alert(1)</script></svg>", false)]
    [InlineData($"<svg xmlns='{Svg}'><image href='file:///etc/passwd'/></svg>", false)]
    [InlineData($"<svg xmlns='{Svg}'><foreignObject/></svg>", false)]
    [InlineData($"<!DOCTYPE svg [<!ENTITY a 'aaaa'>]><svg xmlns='{Svg}'><title>&a;</title></svg>", false)]
    [InlineData($"<svg xmlns='{Svg}'><path", false)]
    [InlineData("<html><svg/></html>", false)]
    public void Svg_OnlyDraws(string text, bool drawn)
    {
        Assert.Equal(drawn, Picture.TypeOf(Encoding.UTF8.GetBytes(text), out var wrong) == "image/svg+xml");
        Assert.Equal(drawn, wrong is null);
    }

    [Fact]
    public void Svg_OfTooManyElements_IsRefused()
        => Assert.Null(Picture.TypeOf(Encoding.UTF8.GetBytes($"<svg xmlns='{Svg}'>{string.Concat(Enumerable.Repeat("<g/>", Picture.MostElements))}</svg>"), out _));
}
