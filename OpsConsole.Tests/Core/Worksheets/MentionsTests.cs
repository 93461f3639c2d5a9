using OpsConsole.Core.Worksheets;

namespace OpsConsole.Tests.Core.Worksheets;

public sealed class MentionsTests
{
    private static readonly (string, string)[] People = [("1", "Ann"), ("2", "Ann Lee"), ("3", "Anna"), ("4", "Zoë O'Neil")];

    [Theory]
    [InlineData("@Ann please look", "1")]
    [InlineData("@Ann Lee please look", "2")]
    [InlineData("@Anna, @zoë o'neil: both", "4 3")]
    [InlineData("mail ann@Annex", "")]
    [InlineData("nobody is called Ann here", "")]
    [InlineData("@Ann and @Ann again", "1")]
    [InlineData("@", "")]
    public void In_FindsWholeNames_TheLongestThatFits(string text, string ids) => Assert.Equal(ids, string.Join(' ', Mentions.In(text, People)));
}
